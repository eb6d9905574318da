import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRunningInstallation, type Installation, run } from "../installation.ts";
import { begin, command, directoryWith, until } from "./command.ts";
import { daemonPids, endDaemon } from "./daemons.ts";
import { hostStateOf, type State, stateOf } from "./host-state.ts";

let it: Installation;
let before: State;

beforeAll(async () => {
  it = await createRunningInstallation();
  before = await stateOf(it);
  await endDaemons();
});
afterEach(async () => {
  // What a failed test has left shall not fail the next one.
  const ids = (await it.kleene("lsc", "-a", "-q")).stdout.split("\n").filter(Boolean);
  if (ids.length > 0) await it.kleene("rm", "-f", ...ids);
  await endDaemons();
});
afterAll(() => it?.[Symbol.asyncDispose]());

async function endDaemons(): Promise<void> {
  for (const pid of await daemonPids(it)) await endDaemon(pid);
}

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly exit_code: number | null;
}

async function container(name: string): Promise<Shown> {
  return JSON.parse(await it.ok("isc", name)).container;
}

/** Prints a line, and goes on until the file /stop is there; then it prints another and exits with 5. */
const UNTIL_STOP = "echo begun; while ! test -e /stop; do sleep 0.02; done; echo done; exit 5";

const ENDLESS = "FROM base\nRUN echo 1 > /1\nRUN echo begun; sleep 1000\nRUN echo never\n";
/** When a build is interrupted, and what it has said by then. */
const MOMENTS = [
  ["a command runs", "\nbegun\n"],
  ["a command is about to run", "\nStep 3/4"],
] as const;

async function letGo(id: string): Promise<void> {
  await writeFile(join(it.pool.mountpoint, "kleene/container", id, "stop"), "");
}

/** What the container's first process has written so far. */
async function logOf(id: string): Promise<string> {
  const logs = join(it.pool.mountpoint, "kleene/logs", id);
  const paths = await Array.fromAsync(new Bun.Glob("*/stdout").scan({ cwd: logs }));
  return (await Promise.all(paths.map((path) => readFile(join(logs, path), "utf8")))).join("");
}

describe("a daemon that nobody started", () => {
  const env = { KLEENE_AUTOSTART: "1" };

  test("is started once by ten commands at once, and each of them gets its answer", async () => {
    const ids = `${before.images.join("\n")}\n`;
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => command(it, ["lsi", "-q"], { env })));
    for (const { stdout, stderr, exitCode } of outcomes) {
      expect({ stdout: stdout.toString(), stderr, exitCode }).toEqual({ stdout: ids, stderr: "", exitCode: 0 });
    }
    const pids = await daemonPids(it);
    expect(pids).toHaveLength(1);
    expect(JSON.parse(await it.ok("info", "--json")).pid).toBe(pids[0]);
    expect(await stateOf(it)).toEqual(before);
  });

  test("is not started with --no-autostart", async () => {
    const { stderr, exitCode } = await command(it, ["--no-autostart", "lsi"], { env });
    expect(stderr).toMatch(/^kleene: no daemon answers on .*: start one with `kleene daemon`\n$/);
    expect(exitCode).toBe(125);
    expect(await daemonPids(it)).toEqual([]);
  });

  test("that cannot start says why through the command", async () => {
    const { stderr, exitCode } = await command(it, ["lsi"], { env: { ...env, KLEENE_ROOT: "no-such-pool/kleene" } });
    expect(stderr).toMatch(
      /^kleene: cannot start the daemon: this host is not prepared, run `kleene init` first: .*\n$/,
    );
    expect(exitCode).toBe(125);
    expect(await daemonPids(it)).toEqual([]);
  });
});

describe("an idle daemon", () => {
  test("ends by itself, and takes its socket along", async () => {
    const daemon = await it.startDaemon("--idle-timeout", "1");
    expect(await daemon.exited).toBe(0);
    expect(existsSync(it.socket)).toBe(false);
  });

  test("is not idle while somebody waits for a container", async () => {
    const daemon = await it.startDaemon("--idle-timeout", "1");
    const running = begin(it, ["run", "--rm", "--name", "waited-for", "base", "sh", "-c", UNTIL_STOP]);
    await running.says("begun");
    // Longer than the idle time: a daemon that does not see the stream would be gone.
    await Bun.sleep(2500);
    expect(daemon.exitCode).toBeNull();
    await letGo((await container("waited-for")).id);
    expect((await running.ended).exitCode).toBe(5);
    expect(await daemon.exited).toBe(0);
    expect((await hostStateOf(it)).datasets).toEqual(before.datasets);
  });
});

describe.each(["SIGTERM", "SIGKILL"] as const)("after a %s", (signal) => {
  beforeEach(() => it.startDaemon());

  const endBySignal = async () => {
    const [pid = 0] = await daemonPids(it);
    await endDaemon(pid, signal);
  };

  test("a container goes on, and the next daemon finds it running", async () => {
    const id = await it.ok("run", "-d", "--name", "survivor", "base", "sh", "-c", UNTIL_STOP);
    await endBySignal();
    expect((await hostStateOf(it)).processes).not.toBeEmpty();
    await it.startDaemon();
    expect(await container("survivor")).toMatchObject({ id, status: "running" });
    expect(await it.ok("exec", "survivor", "echo", "still here")).toBe("still here");
    await letGo(id);
    await until("the container has ended", async () => (await container("survivor")).status === "exited");
    expect(await container("survivor")).toMatchObject({ exit_code: 5 });
    expect(await logOf(id)).toContain("begun\ndone\n");
    await it.ok("rm", id);
    expect(await stateOf(it)).toEqual(before);
  });

  test("output and exit status of a container that ends meanwhile are kept", async () => {
    const id = await it.ok("run", "-d", "base", "sh", "-c", UNTIL_STOP);
    await endBySignal();
    await letGo(id);
    await until("its processes have ended", async () => (await hostStateOf(it)).processes.length === 0);
    await it.startDaemon();
    expect(await container(id)).toMatchObject({ status: "exited", exit_code: 5 });
    expect(await logOf(id)).toBe("begun\ndone\n");
    await it.ok("rm", id);
    expect(await stateOf(it)).toEqual(before);
  });

  test("a container with --rm that ends meanwhile is removed at the next start", async () => {
    const id = await it.ok("run", "-d", "--rm", "base", "sh", "-c", UNTIL_STOP);
    await endBySignal();
    await letGo(id);
    await until("its processes have ended", async () => (await hostStateOf(it)).processes.length === 0);
    await it.startDaemon();
    await until("it is removed", async () => (await it.ok("lsc", "-a", "-q")) === "");
    expect(await stateOf(it)).toEqual(before);
  });

  test("an attached client is told, and does not take the container with it", async () => {
    const attached = begin(it, ["run", "--name", "attached", "base", "sh", "-c", UNTIL_STOP]);
    await attached.says("begun");
    const { id } = await container("attached");
    await endBySignal();
    const { stderr, exitCode } = await attached.ended;
    expect(stderr).toMatch(/^kleene: the daemon (is shutting down|closed the connection before the end)\n$/);
    expect(exitCode).toBe(125);
    await it.startDaemon();
    expect(await container(id)).toMatchObject({ status: "running" });
    await it.ok("rm", "-f", id);
    expect(await stateOf(it)).toEqual(before);
  });

  test.each(MOMENTS)("nothing of a build is left in which %s", async (_, said) => {
    const context = await directoryWith(it, `build-${signal}`, { Dockerfile: ENDLESS });
    const building = begin(it, ["build", "-t", "half", context]);
    await building.says(said);
    await endBySignal();
    const { stderr, exitCode } = await building.ended;
    expect(stderr).toMatch(/^kleene: [^\n]+\n$/);
    expect(exitCode).toBe(125);
    await it.startDaemon();
    expect(await stateOf(it)).toEqual(before);
  });

  test("nothing of a base image that was being made is left", async () => {
    const asked = Promise.withResolvers<void>();
    const never = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(100_000));
        asked.resolve();
        return new Promise(() => {});
      },
    });
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(never) });
    const source = `http://127.0.0.1:${server.port}/root.tar`;
    const creating = begin(it, ["image", "create", "-t", "half", "fetch", source]);
    await asked.promise;
    await until("the download has begun", async () =>
      (await hostStateOf(it)).files.some((file) => /^download-/.test(file)),
    );
    await endBySignal();
    expect((await creating.ended).exitCode).not.toBe(0);
    await it.startDaemon();
    expect(await stateOf(it)).toEqual(before);
  });
});

describe("a client that goes away", () => {
  beforeEach(() => it.startDaemon());

  describe.each(MOMENTS)("while in a build %s", (_, said) => {
    test.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("by %s ends it", async (signal) => {
      const context = await directoryWith(it, "abandoned", { Dockerfile: ENDLESS });
      const building = begin(it, ["build", "-t", "abandoned", context]);
      await building.says(said);
      building.kill(signal);
      expect((await building.ended).exitCode).toBe({ SIGKILL: 137, SIGINT: 130, SIGTERM: 143 }[signal]);
      await until("everything is cleaned up", async () => Bun.deepEquals(await stateOf(it), before));
    });
  });

  test.each(["SIGKILL", "SIGINT"] as const)("by %s while a base image is fetched ends that", async (signal) => {
    const asked = Promise.withResolvers<void>();
    const never = new ReadableStream({
      pull: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response(never) });
    const creating = begin(it, ["image", "create", "-t", "x", "fetch", `http://127.0.0.1:${server.port}/x.tar`]);
    await asked.promise;
    creating.kill(signal);
    await creating.ended;
    await until("everything is cleaned up", async () => Bun.deepEquals(await stateOf(it), before));
  });

  test("by SIGKILL leaves its container, and the process gets a SIGTERM", async () => {
    const attached = begin(it, [
      ..."run --name left base sh -c".split(" "),
      "trap 'echo terminated > /told; exit 3' TERM; echo begun; while :; do sleep 0.02; done",
    ]);
    await attached.says("begun");
    attached.kill("SIGKILL");
    await until("the container has ended", async () => (await container("left")).status === "exited");
    expect(await container("left")).toMatchObject({ exit_code: 3 });
    await it.ok("rm", "left");
    expect(await stateOf(it)).toEqual(before);
  });
});

describe("ctrl-c", () => {
  beforeEach(() => it.startDaemon());

  test("reaches the process of an attached container, which decides what it means", async () => {
    const script = "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.02; done";
    const attached = begin(it, ["run", "--rm", "base", "sh", "-c", script]);
    await attached.says("ready");
    attached.kill("SIGINT");
    const { stdout, stderr, exitCode } = await attached.ended;
    expect({ stdout: stdout.toString(), stderr, exitCode }).toEqual({
      stdout: "ready\ncaught\n",
      stderr: "",
      exitCode: 7,
    });
    expect(await stateOf(it)).toEqual(before);
  });

  test("ends a process that does not care about signals, with 130", async () => {
    const attached = begin(it, ["run", "--rm", "base", "sh", "-c", "echo ready; sleep 1000; echo not reached"]);
    await attached.says("ready");
    attached.kill("SIGINT");
    const { stdout, exitCode } = await attached.ended;
    expect({ stdout: stdout.toString(), exitCode }).toEqual({ stdout: "ready\n", exitCode: 130 });
    expect(await stateOf(it)).toEqual(before);
  });

  test("in an exec ends that process, not the container", async () => {
    await it.ok("run", "-d", "--name", "host", "base", "sleep", "1000");
    const joined = begin(it, ["exec", "host", "sh", "-c", "echo ready; exec sleep 1000"]);
    await joined.says("ready");
    joined.kill("SIGINT");
    expect((await joined.ended).exitCode).toBe(130);
    expect(await container("host")).toMatchObject({ status: "running" });
    await it.ok("rm", "-f", "host");
    expect(await stateOf(it)).toEqual(before);
  });

  test("three times ends a client whose process ignores it", async () => {
    const script = "trap '' INT TERM; echo ready; while :; do sleep 0.02; done";
    const attached = begin(it, ["run", "--name", "stubborn", "base", "sh", "-c", script]);
    await attached.says("ready");
    for (let times = 0; times < 3; times++) {
      attached.kill("SIGINT");
      await Bun.sleep(50);
    }
    expect((await attached.ended).exitCode).toBe(130);
    await it.ok("stop", "-t", "0", "stubborn");
    await it.ok("rm", "stubborn");
    expect(await stateOf(it)).toEqual(before);
  });
});

test("without runc, a container and a build are refused in words, and nothing is left", async () => {
  const runc = Bun.which("runc") ?? "";
  // Hidden for the daemon alone, which shares the mounts of the pool with the host.
  expect((await run(["mount", "--make-rshared", it.pool.mountpoint])).exitCode).toBe(0);
  const hide = 'mount --make-private / && mount --bind /dev/null "$1" && shift && exec "$@"';
  const through = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", hide, "sh", runc];
  const daemon = begin(it, ["daemon", "--host", it.env.KLEENE_HOST ?? ""], { through });
  await until("the daemon answers", async () => (await it.kleene("info")).exitCode === 0);
  const refused = { stdout: "", exitCode: 125 };
  const said = "the program runc is not installed: `kleene init --install` installs what is missing";
  expect(await it.kleene("run", "base", "true")).toEqual({ ...refused, stderr: `kleene: ${said}\n` });
  expect(await it.kleene("run", "-d", "base", "true")).toEqual({ ...refused, stderr: `kleene: ${said}\n` });
  const context = await directoryWith(it, "no-runc", { Dockerfile: "FROM base\nRUN true\n" });
  const built = await it.kleene("build", "-t", "x", "--cleanup", context);
  expect(built).toMatchObject({ exitCode: 125, stderr: `kleene: Dockerfile: line 2: RUN: ${said}\n` });
  expect(await it.ok("info")).toContain("runc");
  expect(await stateOf(it)).toEqual(before);
  daemon.kill("SIGTERM");
  expect((await daemon.ended).exitCode).toBe(0);
});
