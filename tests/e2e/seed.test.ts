import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInstallation, EXECUTABLE, type Installation, type Result } from "../installation.ts";
import { command, directoryWith } from "./command.ts";
import { type State, stateOf } from "./host-state.ts";

/** A Flask application's directory, with commands that the busybox userland has. */
const HELLO = {
  "hello.py":
    'from flask import Flask\napp = Flask(__name__)\n\n@app.route("/")\ndef hello():\n    return "Hello World!"\n',
  Dockerfile: `FROM FreeBSD:latest

# install app dependencies
RUN mkdir -p /usr/local && echo flask > /usr/local/installed

# install app
COPY hello.py /

# final configuration
ENV FLASK_APP=hello
CMD echo serving $FLASK_APP with $(cat /usr/local/installed); tail -n 1 /hello.py
`,
};

let it: Installation;
let klee: string;
let context: string;

beforeAll(async () => {
  it = await createInstallation();
  await it.startDaemon();
  klee = join(it.pool.directory, "klee");
  await symlink(EXECUTABLE, klee);
  context = await directoryWith(it, "hello", HELLO);
});
afterAll(() => it?.[Symbol.asyncDispose]());

describe.each(["kleene", "klee"])("the well-known first example, spelled %s", (name) => {
  let before: State;

  beforeEach(async () => {
    before = await stateOf(it);
  });

  /** A line as it is typed in the application's directory. */
  const type = async (line: string): Promise<Result> => {
    const program = name === "klee" ? klee : EXECUTABLE;
    const { stdout, stderr, exitCode } = await command(it, line.split(" ").slice(1), { program, cwd: context });
    return { stdout: stdout.toString(), stderr, exitCode };
  };
  const ok = async (line: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await type(line);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    return stdout;
  };
  const expectNotYet = async (line: string, what: string) => {
    const { stdout, stderr, exitCode } = await type(line);
    expect(stderr).toMatch(new RegExp(`^${name}: cannot serve [^\n]*: ${what} are not supported yet\n$`));
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 125 });
    expect(await stateOf(it)).toEqual(before);
  };

  test("klee image create -t FreeBSD fetch-auto", async () => {
    expect(await ok("klee image create -t FreeBSD fetch-auto --help")).toStartWith(`Usage: ${name} image create `);
    // What fetch-auto would make takes minutes.
    expect(await ok(`klee image create -t FreeBSD fetch ${it.archive}`)).toMatch(/^[0-9a-f]{12}\n$/);
    expect(await ok("klee image ls")).toMatch(/^FreeBSD +latest /m);
  });

  test("klee network create --subnet 10.13.37.0/24 testnet", async () => {
    await expectNotYet("klee network create --subnet 10.13.37.0/24 testnet", "networks");
  });

  test("klee build -t test:latest .", async () => {
    const lines = (await ok("klee build -t test:latest .")).trimEnd().split("\n");
    const steps = lines.filter((line) => line.startsWith("Step "));
    expect(steps.slice(0, 4)).toEqual([
      "Step 1/5 : FROM FreeBSD:latest",
      "Step 2/5 : RUN mkdir -p /usr/local && echo flask > /usr/local/installed",
      "Step 3/5 : COPY hello.py /",
      "Step 4/5 : ENV FLASK_APP=hello",
    ]);
    expect(lines.at(-1)).toMatch(/^[0-9a-f]{12}$/);
    expect(JSON.parse(await ok("klee image inspect test:latest")).id).toBe(lines.at(-1));
  });

  test("klee build -f Dockerfile.test and --file Dockerfile.test", async () => {
    await directoryWith(it, "hello", { "Dockerfile.test": "FROM test\nRUN test -e /hello.py\n" });
    for (const option of ["-f", "--file"]) {
      const output = await ok(`klee build -t checked ${option} Dockerfile.test ${context}`);
      await ok(`klee image rm ${output.trimEnd().split("\n").at(-1)}`);
    }
    expect(await stateOf(it)).toEqual(before);
  });

  test("klee run --network testnet test:latest", async () => {
    await expectNotYet("klee run --network testnet test:latest", "networks");
    await expectNotYet("klee run -n testnet -p 8080:8000 test:latest", "networks");
    await expectNotYet("klee build -n testnet .", "networks");
  });

  test("klee run test:latest", async () => {
    expect(await ok("klee run --rm test:latest")).toBe('serving hello with flask\n    return "Hello World!"\n');
    expect(await stateOf(it)).toEqual(before);
  });

  test("klee container inspect CONTAINER", async () => {
    const id = (await ok("klee run -d test:latest")).trim();
    const { container } = JSON.parse(await ok(`klee container inspect ${id}`));
    expect(container).toMatchObject({ id, env: expect.arrayContaining(["FLASK_APP=hello"]) });
    await ok(`klee container rm -f ${id}`);
    await ok("klee image rm test:latest FreeBSD:latest");
    expect((await stateOf(it)).images).toEqual([]);
  });
});
