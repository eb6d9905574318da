import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec, spawn } from "../../src/host/exec.ts";
import { mountsBelow } from "../mounts.ts";
import { claimDirectory, isOwned } from "../owner.ts";
import { createScratchPool } from "../scratch-pool.ts";
import { sweep } from "../sweep.ts";
import { createTestRoot } from "../test-root.ts";
import { requireZfs } from "../zfs-service.ts";

// A scope of its own: these tests must not sweep away what other test processes use.
const poolPrefix = `klsweep${process.pid}-`;
let directory: string;
let runDirectory: string;
const scope = () => ({ directory, runDirectory, poolPrefix });

beforeAll(async () => {
  await requireZfs();
  directory = await mkdtemp("/var/tmp/kleene-sweep-");
  runDirectory = await mkdtemp("/run/kleene-sweep-");
});

afterAll(async () => {
  await sweep(scope());
  rmSync(directory, { recursive: true, force: true });
  rmSync(runDirectory, { recursive: true, force: true });
});

async function leftoverPool(label: string): Promise<{ name: string; path: string }> {
  const name = poolPrefix + label;
  const path = join(directory, name);
  mkdirSync(path);
  await writeFile(join(path, "pool.img"), "");
  await truncate(join(path, "pool.img"), 128 * 1024 ** 2);
  await exec(["zpool", "create", "-o", "cachefile=none", "-m", join(path, "mnt"), name, join(path, "pool.img")]);
  return { name, path };
}

async function pools(): Promise<string[]> {
  return (await exec(["zpool", "list", "-H", "-o", "name"])).stdout.split("\n");
}

/** One that has ended and that nobody has waited for yet does not run. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, "utf8"));
}

describe("sweep", () => {
  test("removes a pool that nobody owns, with what is mounted in it and the processes that run in it", async () => {
    const { name, path } = await leftoverPool("gone");
    await exec(["zfs", "create", `${name}/a`]);
    mkdirSync(join(path, "mnt/a/from"));
    mkdirSync(join(path, "mnt/a/to"));
    await exec(["mount", "--bind", join(path, "mnt/a/from"), join(path, "mnt/a/to")]);
    const process = spawn(["sleep", "600"], { cwd: join(path, "mnt/a/to"), detached: true });

    await sweep(scope());

    expect(await process.exited).toBe(137);
    expect(await pools()).not.toContain(name);
    expect(await mountsBelow(path)).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  test("leaves alone what a living process has claimed, and takes it when that process has gone", async () => {
    const { name, path } = await leftoverPool("claimed");
    claimDirectory(path);
    await sweep(scope());
    expect(await pools()).toContain(name);
    expect(existsSync(join(path, "pool.img"))).toBe(true);

    const ended = spawn(["true"]);
    await ended.exited;
    await writeFile(join(path, "owner"), `${ended.pid} 1`);
    expect(isOwned(path)).toBe(false);
    await sweep(scope());
    expect(await pools()).not.toContain(name);
    expect(existsSync(path)).toBe(false);
  });

  test("does not mistake another process with the owner's pid for the owner", async () => {
    const path = join(directory, "reused");
    mkdirSync(path);
    await writeFile(join(path, "owner"), `${process.pid} 1`);
    expect(isOwned(path)).toBe(false);
    claimDirectory(path);
    expect(isOwned(path)).toBe(true);
    rmSync(path, { recursive: true });
  });

  test("empties the run directory, containers included, and leaves the pools of other prefixes alone", async () => {
    await using other = await createScratchPool({ size: 128 * 1024 ** 2 });
    const runcRoot = join(runDirectory, "left/runc");
    const bundle = join(runDirectory, "left/bundle");
    await createTestRoot(join(bundle, "rootfs"));
    await exec(["runc", "spec", "--bundle", bundle]);
    const spec = JSON.parse(await readFile(join(bundle, "config.json"), "utf8"));
    spec.process.terminal = false;
    spec.process.args = ["sleep", "600"];
    await writeFile(join(bundle, "config.json"), JSON.stringify(spec));
    const id = `kleene-sweep-${process.pid}`;
    const log = openSync(join(directory, "log"), "w");
    const run = spawn(["runc", "--root", runcRoot, "run", "--detach", "--bundle", bundle, id], {
      stdout: log,
      stderr: log,
    });
    closeSync(log);
    expect(await run.exited).toBe(0);
    const { pid } = JSON.parse((await exec(["runc", "--root", runcRoot, "state", id])).stdout);

    expect(await sweep(scope())).toContain(`container ${id}`);

    expect(existsSync(join(runDirectory, "left"))).toBe(false);
    expect(isRunning(pid)).toBe(false);
    expect(await pools()).toContain(other.name);
    expect(existsSync(other.mountpoint)).toBe(true);
  });
});
