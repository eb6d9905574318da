import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRunningInstallation, type Installation, type Result } from "../installation.ts";
import { command, directoryWith } from "./command.ts";
import { type State, stateOf } from "./host-state.ts";

/** Kleene's own failures. */
const FAILED = 125;

let it: Installation;
let before: State;

beforeAll(async () => {
  it = await createRunningInstallation();
});
afterAll(() => it?.[Symbol.asyncDispose]());
beforeEach(async () => {
  before = await stateOf(it);
});

/** One line of Kleene's on stderr, or several where several things are wrong; nothing on stdout; nothing left. */
async function expectRefusal(result: Result, ...lines: RegExp[]): Promise<void> {
  const said = result.stderr.trimEnd().split("\n");
  expect(said).toHaveLength(lines.length);
  expect(said[0]).toStartWith("kleene: ");
  for (const [index, line] of lines.entries()) expect(said[index]).toMatch(line);
  expect(result.exitCode).toBe(FAILED);
  expect(result.stdout).toBe("");
  expect(await stateOf(it)).toEqual(before);
}

async function build(name: string, dockerfile: string, files: Record<string, string> = {}): Promise<Result> {
  const context = await directoryWith(it, name, { Dockerfile: dockerfile, ...files });
  return await it.kleene("build", "-t", name, context);
}

describe("a build is refused", () => {
  test("without a Dockerfile", async () => {
    const context = await directoryWith(it, "without", { file: "" });
    await expectRefusal(
      await it.kleene("build", "-t", "x", context),
      /cannot read the Dockerfile .*: it does not exist$/,
    );
  });

  test("with a Dockerfile that is named and missing", async () => {
    const context = await directoryWith(it, "named", { Dockerfile: "FROM base\n" });
    await expectRefusal(await it.kleene("build", "-f", "Other", context), /the Dockerfile .*Other: it does not exist$/);
  });

  test("without a context", async () => {
    await expectRefusal(
      await it.kleene("build", join(it.pool.directory, "nowhere")),
      /build context .* not a directory$/,
    );
  });

  test("with an empty Dockerfile", async () => {
    await expectRefusal(await build("empty", ""), /Dockerfile: .*(empty|no instruction|FROM)/);
  });

  test("when it starts with RUN", async () => {
    await expectRefusal(await build("run-first", "RUN echo 1\nFROM base\n"), /Dockerfile: line 1: RUN: .*FROM/);
  });

  test("with an unknown instruction", async () => {
    await expectRefusal(await build("unknown", "FROM base\nFETCH it\n"), /Dockerfile: line 2: .*FETCH/);
  });

  test("with several problems, each on a line of its own", async () => {
    await expectRefusal(
      await build("several", "FROM base\nFETCH it\nCOPY only\nENV\nRUN echo fine\n"),
      /Dockerfile: line 2: .*FETCH/,
      /Dockerfile: line 3: COPY: /,
      /Dockerfile: line 4: ENV: /,
    );
  });

  test("when a COPY's source lies outside the context", async () => {
    await writeFile(join(it.pool.directory, "secret"), "secret\n");
    await expectRefusal(
      await build("outside", "FROM base\nRUN echo 1\nCOPY ../secret /\n"),
      /Dockerfile: line 3: COPY: .*\.\.\/secret lies outside the build context$/,
    );
  });

  test("when a COPY's source is a link out of the context", async () => {
    const context = await directoryWith(it, "linked", { Dockerfile: "FROM base\nCOPY passwd etc/hosts /stolen/\n" });
    await symlink("/etc/passwd", join(context, "passwd"));
    await symlink("/etc", join(context, "etc"));
    const result = await it.kleene("build", "-t", "linked", context);
    await expectRefusal(result, /Dockerfile: line 2: COPY: the source \S+ lies outside the build context$/);
  });

  test("when COPYs name sources that are not there, all of them at once", async () => {
    await expectRefusal(
      await build("missing", "FROM base\nCOPY a /\nRUN true\nCOPY *.b /b/\n"),
      /Dockerfile: line 2: COPY: the source a does not exist/,
      /Dockerfile: line 4: COPY: the source \*\.b does not exist/,
    );
  });

  test("from an unknown image", async () => {
    await expectRefusal(
      await build("no-parent", "FROM nothing:1\n"),
      /Dockerfile: line 1: .*image not found: nothing:1$/,
    );
    const context = join(it.pool.directory, "no-parent");
    await expectRefusal(await it.kleene("build", "--from", "nobody", context), /image not found: nobody$/);
  });

  test("from an unknown snapshot", async () => {
    await expectRefusal(
      await build("no-snapshot", "FROM base@ffffffffffff\nRUN true\n"),
      /Dockerfile: line 1: .*has no snapshot @ffffffffffff$/,
    );
  });

  test("under a name that is none", async () => {
    await build("fine", "FROM nothing\n");
    const context = join(it.pool.directory, "fine");
    for (const name of ["-x", "a b", "A:", "a@b", "../a", "a/../b", "$(reboot)", "ä"]) {
      await expectRefusal(await it.kleene("build", `--tag=${name}`, context), /./);
    }
  });
});

describe("a base image is refused", () => {
  test.each<[string, (directory: string) => Promise<string[]>, RegExp]>([
    [
      "from a file that is no archive",
      async (at) => [await written(at, "noise.tar", "x".repeat(5000))],
      /cannot unpack/,
    ],
    [
      "from an archive that was cut off",
      async (at) => {
        const packed = Bun.gzipSync(await Bun.file(it.archive).bytes());
        return [await written(at, "cut.tgz", packed.subarray(0, packed.length / 2))];
      },
      /cannot unpack .*cut\.tgz/,
    ],
    ["from an empty file", async (at) => [await written(at, "empty.tgz", "")], /cannot unpack .*empty\.tgz/],
    ["from a file that is not there", async (at) => [join(at, "nowhere.tar")], /nowhere\.tar does not exist/],
    ["from a directory", async (at) => [at], /is not a file/],
    ["with another checksum", async () => ["--sha256", "0".repeat(64), it.archive], /checksum/],
    ["from a URL that nobody serves", async () => ["http://127.0.0.1:1/x.tar"], /http:\/\/127\.0\.0\.1:1\/x\.tar/],
    ["from another kind of URL", async () => ["ftp://localhost/x.tar"], /neither an absolute path nor/],
  ])("%s", async (_, source, why) => {
    const args = await source(it.pool.directory);
    await expectRefusal(await it.kleene("image", "create", "-t", "x", "fetch", ...args), why);
  });

  test("from a web server that does not have it", async () => {
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("no", { status: 404 }) });
    const source = `http://127.0.0.1:${server.port}/x.tar`;
    await expectRefusal(await it.kleene("image", "create", "-t", "x", "fetch", source), /404/);
  });

  test.each([
    ["zfs-copy", "no/such/dataset"],
    ["zfs-clone", "no/such@snapshot"],
    ["zfs-copy", "-R"],
  ])("by %s of %s", async (method, dataset) => {
    await expectRefusal(await it.kleene("image", "create", "-t", "x", method, "--", dataset), /./);
  });
});

async function written(directory: string, name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(directory, name), content);
  return join(directory, name);
}

describe("a command line is refused", () => {
  test.each<[string, RegExp]>([
    ["frobnicate", /unknown command frobnicate/],
    ["image frobnicate", /unknown command image frobnicate/],
    ["run --nmae x base", /unknown option --nmae, did you mean --name\?/],
    ["build --tga x .", /unknown option --tga, did you mean --tag\?/],
    ["lsc -x", /unknown option -x/],
    ["run", /an IMAGE is missing/],
    ["run -e", /-e needs a value/],
    ["build . .", /unexpected argument \./],
    ["run --restart always base", /--restart: restart policies are not supported yet/],
    ["image create teleport", /unknown method teleport/],
    ["stop -t soon x", /--time is a number of seconds/],
    ["--host nonsense lsc", /the address nonsense/],
    ["daemon --idle-timeout never", /--idle-timeout is a number of seconds/],
  ])("%s", async (line, why) => {
    await expectRefusal(await it.kleene(...line.split(" ")), why);
  });
});

describe("what does not exist is refused", () => {
  test.each<[string, RegExp]>([
    ["run nothing", /image not found: nothing/],
    ["run base:9", /image not found: base:9/],
    ["run base@ffffffffffff true", /has no snapshot @ffffffffffff/],
    ["create ffffffffffff", /image not found: ffffffffffff/],
    ["start ffffffffffff", /container not found: ffffffffffff/],
    ["stop ffffffffffff", /container not found: ffffffffffff/],
    ["exec ffffffffffff true", /container not found: ffffffffffff/],
    ["rm ffffffffffff", /container not found: ffffffffffff/],
    ["isc ffffffffffff", /container not found: ffffffffffff/],
    ["isi ffffffffffff", /image not found: ffffffffffff/],
    ["rmi ffffffffffff", /image not found: ffffffffffff/],
    ["tag ffffffffffff x", /image not found: ffffffffffff/],
    ["inspect ffffffffffff", /no container or image ffffffffffff/],
    ["rm --", /a CONTAINER is missing/],
  ])("%s", async (line, why) => {
    await expectRefusal(await it.kleene(...line.split(" ")), why);
  });

  test.each(["", " ", ".", "..", "a/../b", "%", "a\nb", "[/red]", "$(id)", "-- -x"])("rm %j", async (name) => {
    await expectRefusal(await it.kleene("rm", "--", name), /./);
  });
});

test("the beginning of several IDs is refused, and the containers are listed", async () => {
  // Seventeen IDs: two begin with the same digit.
  const ids: string[] = [];
  for (let count = 0; count < 17; count++) ids.push(await it.ok("create", "base", "true"));
  const digit = ids.map((id) => id[0] ?? "").find((first, index, all) => all.indexOf(first) !== index) ?? "";
  const sharing = ids.filter((id) => id.startsWith(digit));
  for (const verb of ["rm", "start", "isc"]) {
    const { stderr, exitCode } = await it.kleene(verb, digit);
    expect(exitCode).toBe(FAILED);
    expect(stderr).toMatch(/^kleene: "." fits several containers: [0-9a-f, ]+\n$/);
    for (const id of sharing) expect(stderr).toContain(id);
  }
  expect((await it.ok("lsc", "-a", "-q")).split("\n").sort()).toEqual(ids.toSorted());
  await it.ok("rm", ...ids);
  expect(await stateOf(it)).toEqual(before);
});

test("a name that another container has is refused", async () => {
  const id = await it.ok("create", "--name", "taken", "base", "true");
  const second = await it.kleene("run", "--name", "taken", "base", "true");
  expect(second).toEqual({
    stdout: "",
    stderr: "kleene: the name taken is taken by another container\n",
    exitCode: FAILED,
  });
  await it.ok("rm", id);
  expect(await stateOf(it)).toEqual(before);
});

test.each<[string, number, RegExp]>([
  ["run base no-such-program", 127, /no-such-program: no such program in the container$/],
  ["run -d base no-such-program", 127, /no-such-program: no such program in the container$/],
  ["run base /etc/passwd", 126, /\/etc\/passwd: not an executable program$/],
  ["run -u nobody-here base true", 126, /there is no user "nobody-here" in the image$/],
  ["run base", 125, /there is no command: neither the image has one nor was one given$/],
])("a container that never ran is not kept: %s", async (line, status, why) => {
  const { stderr, stdout, exitCode } = await it.kleene(...line.split(" "));
  expect(stderr).toMatch(/^kleene: [^\n]+\n$/);
  expect(stderr.trimEnd()).toMatch(why);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: status });
  expect(await stateOf(it)).toEqual(before);
});

test.each<[string, RegExp]>([
  ["run --rm -J no.such.parameter base true", /jail parameter no\.such\.parameter/],
  ["run --rm --name a/b base true", /name/],
  ["run --rm -l vnet base true", /vnet/],
])("a container that cannot be is refused: %s", async (line, why) => {
  await expectRefusal(await it.kleene(...line.split(" ")), why);
});

describe("a second daemon", () => {
  test("on the same socket is refused", async () => {
    await expectRefusal(
      await it.kleene("daemon", "--host", it.env.KLEENE_HOST ?? ""),
      /a daemon is already running on /,
    );
  });

  test("with the same root dataset is refused", async () => {
    const other = `http://${it.runDirectory}/other.sock`;
    await expectRefusal(
      await it.kleene("daemon", "--host", other),
      /another daemon is already running on this dataset/,
    );
  });
});

describe("without root rights", () => {
  const through = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const asNobody = async (args: string[], env: Record<string, string> = {}): Promise<Result> => {
    const { stdout, stderr, exitCode } = await command(it, args, { through, env, cwd: "/" });
    return { stdout: stdout.toString(), stderr, exitCode };
  };

  test("a command says that it may not use the daemon's socket", async () => {
    await expectRefusal(await asNobody(["lsc"]), /permission denied on .*kleened\.sock: run as root/);
  });

  test("a command does not start a daemon", async () => {
    const env = { KLEENE_HOST: "http:///run/kleene-nobody/kleened.sock", KLEENE_AUTOSTART: "1" };
    await expectRefusal(
      await asNobody(["lsc"], env),
      /no daemon runs, and .* cannot be written to start one: run as root/,
    );
  });

  test("the daemon does not start", async () => {
    const other = `http://${it.runDirectory}/other.sock`;
    await expectRefusal(await asNobody(["daemon", "--host", other]), /the daemon needs root rights/);
  });

  test("the host cannot be prepared", async () => {
    const { stdout, stderr, exitCode } = await asNobody(["init", "--yes"]);
    expect(exitCode).toBe(FAILED);
    expect(`${stdout}${stderr}`).toMatch(/root/);
  });
});
