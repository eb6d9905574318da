import { afterAll, beforeAll, expect, test } from "bun:test";
import { statfs, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInstallation, type Installation, run } from "../installation.ts";
import { directoryWith, until } from "./command.ts";
import { type State, stateOf } from "./host-state.ts";

const MIB = 2 ** 20;

let it: Installation;
let daemon: Bun.Subprocess;
let before: State;

beforeAll(async () => {
  it = await createInstallation({ size: 192 * MIB });
  daemon = await it.startDaemon();
  await it.ok("image", "create", "-t", "base", "fetch", "--no-dns", "--no-localtime", it.archive);
  before = await stateOf(it);
});
afterAll(() => it?.[Symbol.asyncDispose]());

const FILL = "dd if=/dev/zero of=/big bs=1M count=1000";

/** After a full pool everything works as before. */
async function expectHealth(): Promise<void> {
  expect(await stateOf(it)).toEqual(before);
  expect(await it.ok("run", "--rm", "base", "sh", "-c", "echo fine > /f && cat /f")).toBe("fine");
  expect(await stateOf(it)).toEqual(before);
}

test("an archive that does not fit is refused, and nothing of it is left", async () => {
  const big = join(it.pool.directory, "big");
  await writeFile(big, "");
  await truncate(big, 300 * MIB);
  await run(["tar", "-C", it.pool.directory, "-cf", `${big}.tar`, "big"]);
  const { stderr, exitCode } = await it.kleene("image", "create", "-t", "big", "fetch", `${big}.tar`);
  expect({ stderr, exitCode }).toEqual({
    stderr: `kleene: cannot unpack ${big}.tar: the pool is full\n`,
    exitCode: 125,
  });
  await expectHealth();
});

test("a build that fills the pool says so, and leaves nothing with --cleanup", async () => {
  const context = await directoryWith(it, "full", { Dockerfile: `FROM base\nRUN ${FILL}\n` });
  const { stderr, exitCode } = await it.kleene("build", "-t", "full", "--cleanup", context);
  expect(exitCode).not.toBe(0);
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^kleene: Dockerfile: line 2: RUN: .*the pool is full/);
  await expectHealth();
});

test("a build that fills the pool after its first step is kept only if that is possible, and can be removed", async () => {
  const context = await directoryWith(it, "kept", { Dockerfile: `FROM base\nRUN echo 1 > /1\nRUN ${FILL}\n` });
  const { stderr, exitCode } = await it.kleene("build", "-t", "kept", context);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("the pool is full");
  await it.ok("rmi", "-f", "kept:failed");
  await expectHealth();
});

test("while a container has filled the pool, everything can be looked at and removed", async () => {
  const { stderr, exitCode } = await it.kleene("run", "--name", "glutton", "base", "sh", "-c", FILL);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("No space left on device");
  expect(await it.ok("lsc", "-a")).toContain("exited (1)");
  expect(await it.ok("info")).toContain(it.pool.name);
  daemon.kill("SIGTERM");
  await daemon.exited;
  daemon = await it.startDaemon();
  expect(await it.ok("lsc", "-a")).toContain("exited (1)");
  const refused = await it.kleene("run", "--rm", "base", "sh", "-c", "dd if=/dev/zero of=/x bs=1M count=1");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).not.toContain("internal error");
  await it.ok("rm", "glutton");
  await expectHealth();
});

test("a container whose output has filled the pool can be stopped and removed", async () => {
  const id = await it.ok("run", "-d", "base", "yes", "x".repeat(1000));
  const logs = join(it.pool.mountpoint, "kleene/logs");
  await until("the pool is full", async () => (await statfs(logs)).bavail === 0);
  await it.ok("stop", id);
  await it.ok("rm", id);
  await expectHealth();
});
