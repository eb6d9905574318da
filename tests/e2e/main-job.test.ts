import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createInstallation, type Installation } from "../installation.ts";
import { begin, command, directoryWith, until } from "./command.ts";
import { hostStateOf, type State, stateOf } from "./host-state.ts";

const ID = /^[0-9a-f]{12}$/;

let it: Installation;
let empty: State;
/** The state at the test's beginning. */
let before: State;

beforeAll(async () => {
  it = await createInstallation();
  await it.startDaemon();
  empty = await stateOf(it);
});
afterAll(() => it?.[Symbol.asyncDispose]());
beforeEach(async () => {
  before = await stateOf(it);
});

interface ContainerShown {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  readonly status: string;
  readonly exit_code: number | null;
  readonly env: readonly string[];
  readonly cmd: readonly string[];
}

async function containers(): Promise<ContainerShown[]> {
  return JSON.parse(await it.ok("lsc", "-a", "--json"));
}

async function build(dockerfile: string, ...args: string[]): Promise<string> {
  const context = await directoryWith(it, `context-${randomBytes(4).toString("hex")}`, { Dockerfile: dockerfile });
  const output = await it.ok("build", ...args, context);
  return output.split("\n").at(-1) ?? "";
}

describe("a base image", () => {
  test("is made from an archive, and its ID is all that is printed", async () => {
    const { stdout, stderr, exitCode } = await it.kleene(
      ..."image create -t base fetch --no-dns --no-localtime".split(" "),
      it.archive,
    );
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toMatch(/^[0-9a-f]{12}\n$/);
    expect(await it.ok("lsi", "-q")).toBe(stdout.trim());
    const { datasets, containers } = await stateOf(it);
    expect(datasets).toContain(`${it.pool.rootDataset}/image/${stdout.trim()}`);
    expect(containers).toEqual([]);
  });

  test.each([
    ["gzip", "tgz"],
    ["xz", "txz"],
    ["zstd", "tzst"],
  ])("is made from an archive that is packed with %s", async (program, suffix) => {
    const packed = join(it.pool.directory, `root.${suffix}`);
    await Bun.spawn([program, "-c", it.archive], { stdout: Bun.file(packed) }).exited;
    const id = await it.ok("image", "create", "-t", `from-${suffix}`, "fetch", `file://${packed}`);
    expect(await it.ok("run", "--rm", `from-${suffix}`, "echo", "works")).toBe("works");
    await it.ok("rmi", id);
    expect(await stateOf(it)).toEqual(before);
  });

  test("is made from an archive on the web whose checksum is right", async () => {
    const archive = Bun.file(it.archive);
    const sha256 = new Bun.CryptoHasher("sha256").update(await archive.bytes()).digest("hex");
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(archive) });
    const source = `http://127.0.0.1:${server.port}/root.tar`;
    await it.ok("image", "create", "-t", "web:1", "fetch", "--sha256", sha256, source);
    expect(await it.ok("run", "--rm", "web:1", "echo", "works")).toBe("works");
    await it.ok("rmi", "web:1");
    expect(await stateOf(it)).toEqual(before);
  });
});

describe("a build", () => {
  test("carries out every kind of instruction, in order, and its last line is the image's ID", async () => {
    const context = await directoryWith(it, "app", {
      "hello.txt": "hello\n",
      "conf/a.conf": "a\n",
      "conf/sub/b.conf": "b\n",
      Dockerfile: `ARG BASE=nothing
FROM \${BASE}
# a comment
ARG WHO=nobody
ENV GREETING="hello \${WHO}" EMPTY=
WORKDIR /srv/app
COPY hello.txt ./
COPY ["conf/", "/etc/conf/"]
RUN echo "$GREETING" > greeting && echo to-stdout && echo to-stderr >&2
USER app
RUN id -un > /tmp/who
CMD ["cat", "greeting"]
`,
    });
    const args = ["build", "-t", "app:1", "--build-arg", "BASE=base", "--build-arg=WHO=you", context];
    const { stdout, stderr, exitCode } = await it.kleene(...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "to-stderr\n" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(ID);
    expect(lines.filter((line) => line.startsWith("Step ")).map((line) => line.replace(/ : .*/, ""))).toEqual(
      Array.from({ length: 11 }, (_, index) => `Step ${index + 1}/11`),
    );
    expect(lines).toContain("to-stdout");
    expect(lines.filter((line) => /^--> Snapshot created: @[0-9a-f]{12}$/.test(line))).toHaveLength(4);

    expect(await it.ok("run", "--rm", "app:1")).toBe("hello you");
    const files = "cat /srv/app/hello.txt /etc/conf/a.conf /etc/conf/sub/b.conf /tmp/who; id -un; pwd; echo $EMPTY.";
    expect(await it.ok("run", "--rm", "app:1", "sh", "-c", files)).toBe("hello\na\nb\napp\napp\n/srv/app\n.");
    const image = JSON.parse(await it.ok("inspect", "app:1"));
    expect(image).toMatchObject({ id: lines.at(-1), name: "app", tag: "1", cmd: ["cat", "greeting"], user: "app" });

    const snapshot = image.instructions.find(([line]: [string, string]) => line.startsWith("COPY hello.txt"))[1];
    expect(await it.ok("run", "--rm", `app:1@${snapshot}`, "sh", "-c", "ls /srv/app; ls /etc/conf || true")).toBe(
      "hello.txt",
    );
    await build(`FROM app:1@${snapshot}\nRUN ls /srv/app > /tmp/list\n`, "-t", "older");
    expect(await it.ok("run", "--rm", "older", "cat", "/tmp/list")).toBe("hello.txt");

    await it.ok("rmi", "app:1");
    expect(await it.ok("run", "--rm", "older", "cat", "/tmp/list")).toBe("hello.txt");
    await it.ok("rmi", "older");
    expect(await stateOf(it)).toEqual(before);
  });

  test("with -q prints nothing but the ID", async () => {
    const context = await directoryWith(it, "quiet", { Dockerfile: "FROM base\nRUN echo noise; echo noise >&2\n" });
    const { stdout, stderr } = await it.kleene("build", "-q", context);
    expect({ stdout: stdout.replace(/^[0-9a-f]{12}\n$/, "ID"), stderr }).toEqual({ stdout: "ID", stderr: "" });
    await it.ok("rmi", stdout.trim());
    expect(await stateOf(it)).toEqual(before);
  });

  test("takes another parent, environment, user and jail parameters from the command line", async () => {
    await build("FROM base\nRUN echo marked > /mark\n", "-t", "parent");
    const dockerfile = "FROM nothing\nRUN cat /mark; echo $E; id -un; hostname\n";
    const context = await directoryWith(it, "options", { "Other.dockerfile": dockerfile });
    const args = "build --from parent -e E=1 -e E=2 -u app -J host.hostname=builder -f Other.dockerfile".split(" ");
    const { stdout, stderr, exitCode } = await it.kleene(...args, context);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const lines = stdout.trimEnd().split("\n");
    const output = lines.filter((line) => !/^(Step|-->)/.test(line)).slice(0, -1);
    expect(output).toEqual(["marked", "2", "app", "builder"]);
    await it.ok("rmi", lines.at(-1) ?? "", "parent");
    expect(await stateOf(it)).toEqual(before);
  });

  test("that fails names instruction, code and snapshot, and is kept as NAME:failed to go on from", async () => {
    const dockerfile = "FROM base\nRUN echo first > /first\nRUN echo half > /half; exit 3\n";
    const context = await directoryWith(it, "broken", { Dockerfile: dockerfile });
    const { stdout, stderr, exitCode } = await it.kleene("build", "-t", "broken", context);
    expect(exitCode).toBe(1);
    const snapshot = /--> Snapshot created: @([0-9a-f]{12})\n/.exec(stdout)?.[1];
    expect(stderr).toContain("Dockerfile: line 3: RUN");
    expect(stderr).toContain("returned a non-zero code: 3");
    expect(stderr.trimEnd().split("\n").at(-1)).toEndWith(`broken:failed@${snapshot}`);

    expect(await it.ok("run", "--rm", "broken:failed", "cat", "/first")).toBe("first");
    await build(
      `FROM broken:failed@${snapshot}\nRUN test -e /first && test ! -e /half && echo ok > /ok\n`,
      "-t",
      "mended",
    );
    expect(await it.ok("run", "--rm", "mended", "cat", "/ok")).toBe("ok");
    await it.ok("rmi", "broken:failed", "mended");
    expect(await stateOf(it)).toEqual(before);
  });

  test("that fails with --cleanup leaves nothing", async () => {
    const context = await directoryWith(it, "cleaned", { Dockerfile: "FROM base\nRUN echo 1 > /1\nRUN false\n" });
    const { stderr, exitCode } = await it.kleene("build", "-t", "cleaned", "--cleanup", context);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("returned a non-zero code: 1");
    expect(await stateOf(it)).toEqual(before);
  });

  test("shows output while it comes", async () => {
    const context = await directoryWith(it, "slow", {
      Dockerfile: "FROM base\nRUN echo now; cat /dev/zero >/dev/null\n",
    });
    const building = begin(it, ["build", context]);
    await building.says("now\n");
    building.kill("SIGKILL");
    await until("the build is cleaned up", async () => Bun.deepEquals(await stateOf(it), before));
  });
});

describe("a container", () => {
  test("lives its life: run, listed, looked at, joined, stopped, started again, removed", async () => {
    const id = await it.ok("run", "-d", "--name", "web", "-e", "A=1", "base", "sleep", "1000");
    expect(id).toMatch(ID);
    expect(await containers()).toMatchObject([{ id, name: "web", running: true, cmd: ["sleep", "1000"] }]);
    const table = await it.ok("lsc");
    expect(table.split("\n")).toHaveLength(2);
    expect(table).toContain("up ");
    expect(JSON.parse(await it.ok("inspect", "web")).container.env).toContain("A=1");
    expect(await it.ok("exec", "-e", "B=2", "web", "sh", "-c", "echo $A $B; hostname")).toBe(`1 2\n${id}`);
    expect(await it.ok("exec", id.slice(0, 6), "cat", "/proc/1/cmdline")).toBe("sleep\x001000\x00");

    expect(await it.ok("stop", "web")).toBe("web");
    expect(await containers()).toMatchObject([{ running: false, status: "exited", exit_code: 143 }]);
    expect(await it.ok("lsc", "-q")).toBe("");
    expect((await hostStateOf(it)).processes).toEqual([]);
    expect((await hostStateOf(it)).jails).toEqual([]);

    await it.ok("start", "web");
    expect(await it.ok("lsc", "-q")).toBe(id);
    expect(await it.kleene("rm", "web", "nobody")).toMatchObject({
      stderr: "kleene: web: you cannot remove a running container\nkleene: container not found: nobody\n",
    });
    const refused = await it.kleene("rm", "web");
    expect(refused).toMatchObject({ stdout: "", stderr: "kleene: you cannot remove a running container\n" });
    expect(refused.exitCode).toBe(125);
    await it.ok("rm", "-f", "web");
    expect(await stateOf(it)).toEqual(before);
  });

  test("is created without being started, and started with its output", async () => {
    const id = await it.ok("create", "--name", "later", "base", "sh", "-c", "echo started; exit 7");
    expect(await containers()).toMatchObject([{ id, status: "created", running: false }]);
    expect(await it.kleene("start", "-a", "later")).toEqual({ stdout: "started\n", stderr: "", exitCode: 7 });
    expect(await containers()).toMatchObject([{ status: "exited", exit_code: 7 }]);
    await it.ok("rm", "later");
    expect(await stateOf(it)).toEqual(before);
  });

  test("runs with the environment, user and jail parameters that were asked for", async () => {
    const args = "run --rm -e A=1 -e FROM_HERE -u app:staff -J host.hostname=box base".split(" ");
    const { stdout } = await command(it, [...args, "sh", "-c", 'echo "$A $FROM_HERE"; id -un; id -gn; hostname'], {
      env: { FROM_HERE: "here" },
    });
    expect(stdout.toString()).toBe("1 here\napp\nstaff\nbox\n");
    expect(await it.ok("run", "--rm", "-u", "1000:29", "base", "id", "-G")).toContain("29");
    expect(await stateOf(it)).toEqual(before);
  });

  test("keeps stdout and stderr apart, and every byte of both", async () => {
    const bytes = randomBytes(700_000);
    const context = await directoryWith(it, "bytes", { bytes, Dockerfile: "FROM base\nCOPY bytes /\n" });
    await it.ok("build", "-t", "bytes", context);
    const out = await command(it, ["run", "--rm", "bytes", "cat", "/bytes"]);
    expect(out.stdout.equals(bytes)).toBe(true);
    expect({ stderr: out.stderr, exitCode: out.exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const both = await it.kleene("run", "--rm", "bytes", "sh", "-c", "printf out; printf err >&2");
    expect(both).toEqual({ stdout: "out", stderr: "err", exitCode: 0 });
    await it.ok("rmi", "bytes");
    expect(await stateOf(it)).toEqual(before);
  });

  test.each<[string, string[], number]>([
    ["its process's", ["sh", "-c", "exit 42"], 42],
    ["128 and the signal that ended it", ["sh", "-c", "sh -c 'kill -9 $$'; exit $?"], 137],
    ["127 for a program that is not there", ["no-such-program"], 127],
    ["126 for a file that is no program", ["/etc/passwd"], 126],
    ["126 for a directory", ["/etc"], 126],
  ])("has the exit status %s", async (_, argv, status) => {
    const { stderr, exitCode } = await it.kleene("run", "--rm", "base", ...argv);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: status });
    if (status === 126 || status === 127) expect(stderr).toMatch(/^kleene: [^\n]+\n$/);
    expect(await stateOf(it)).toEqual(before);
  });

  test("passes the statuses of exec on, too", async () => {
    await it.ok("run", "-d", "--name", "host", "base", "sleep", "1000");
    expect((await it.kleene("exec", "host", "sh", "-c", "exit 9")).exitCode).toBe(9);
    expect((await it.kleene("exec", "host", "sh", "-c", "kill -TERM $$")).exitCode).toBe(143);
    expect((await it.kleene("exec", "host", "nothing")).exitCode).toBe(127);
    expect((await it.kleene("exec", "host", "/etc/group")).exitCode).toBe(126);
    expect(await it.ok("lsc", "-q")).not.toBe("");
    await it.ok("rm", "-f", "host");
    const stopped = await it.kleene("exec", "host", "true");
    expect(stopped).toEqual({ stdout: "", stderr: "kleene: container not found: host\n", exitCode: 125 });
    expect(await stateOf(it)).toEqual(before);
  });

  test("that ends at once gives all of its output", async () => {
    for (let round = 0; round < 5; round++) {
      expect(await it.ok("run", "--rm", "base", "seq", "1", "1000")).toEndWith("\n999\n1000");
    }
    expect(await stateOf(it)).toEqual(before);
  });

  test("with --rm and -d is removed when its command has ended", async () => {
    const id = await it.ok("run", "-d", "--rm", "base", "sleep", "1000");
    await it.ok("stop", "-t", "0", id);
    await until("it is removed", async () => (await it.ok("lsc", "-a", "-q")) === "");
    expect(await stateOf(it)).toEqual(before);
  });
});

test("an image that has a second tag keeps living when it loses one", async () => {
  const id = await build("FROM base\nRUN true\n", "-t", "ghcr.io/org/name:1");
  expect(await it.ok("tag", "ghcr.io/org/name:1", "other")).toBe(id);
  expect(await it.ok("rmi", "ghcr.io/org/name:1")).toBe("ghcr.io/org/name:1");
  expect(JSON.parse(await it.ok("isi", "other")).tags).toEqual(["other:latest"]);
  await it.ok("rmi", "other");
  expect(await stateOf(it)).toEqual(before);
});

test("an image that containers need is not removed, and the containers are named", async () => {
  const id = await it.ok("create", "base", "true");
  const { stderr, exitCode } = await it.kleene("rmi", "base");
  expect(stderr).toMatch(
    /^kleene: could not remove image [0-9a-f]{12} since it is used for containers:\n {2}[0-9a-f]{12}\n$/,
  );
  expect({ exitCode, named: stderr.includes(id) }).toEqual({ exitCode: 125, named: true });
  await it.ok("rm", id);
  expect(await stateOf(it)).toEqual(before);
});

test("when all is removed, nothing is left but the empty datasets", async () => {
  await it.ok("rmi", "base");
  expect(await stateOf(it)).toEqual(empty);
});
