import { existsSync, readdirSync } from "node:fs";
import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../src/errors.ts";
import { exec, findProgram } from "../src/host/exec.ts";
import { unmountBelow } from "./mounts.ts";
import { isOwned } from "./owner.ts";
import { POOL_PREFIX, removeScratchPool, TESTS_DIRECTORY } from "./scratch-pool.ts";

/** Tests of the runtime and of the daemon keep runc's state and their run directories below. */
export const TESTS_RUN_DIRECTORY = "/run/kleene-tests";

export interface SweepScope {
  readonly directory?: string;
  readonly runDirectory?: string;
  readonly poolPrefix?: string;
}

/**
 * Removes what an interrupted earlier run left: containers, processes, mounts, pools and directories that carry the
 * tests' marker and that no living test process owns (`claimDirectory`). Returns a line about each thing removed.
 */
export async function sweep(scope: SweepScope = {}): Promise<string[]> {
  const { directory = TESTS_DIRECTORY, runDirectory = TESTS_RUN_DIRECTORY, poolPrefix = POOL_PREFIX } = scope;
  const removed: string[] = [];
  // Processes first: a daemon that lives on would bring back what is removed.
  for (const path of [...(await leftovers(directory)), ...(await leftovers(runDirectory))]) {
    removed.push(...(await endProcesses(path)));
  }
  for (const path of await leftovers(runDirectory)) {
    removed.push(...(await sweepContainers(path)));
    await unmountBelow(path);
    await rm(path, { recursive: true, force: true });
    removed.push(`directory ${path}`);
  }
  const pools = (await poolNames()).filter((name) => name.startsWith(poolPrefix));
  for (const path of await leftovers(directory)) {
    const pool = pools.find((name) => path === join(directory, name));
    removed.push(await outcome(`directory ${path}`, removeScratchPool(pool, path)));
  }
  for (const name of await poolNames()) {
    const path = join(directory, name);
    if (!pools.includes(name) || isOwned(path)) continue;
    removed.push(await outcome(`pool ${name}`, removeScratchPool(name, path)));
  }
  return removed;
}

/** What cannot be removed does not keep the tests from running: zfs-fuse may hold a pool for ever after a failed mount. */
async function outcome(what: string, removal: Promise<void>): Promise<string> {
  return await removal.then(
    () => what,
    (error: unknown) => `could not remove ${what}: ${describeError(error)}`,
  );
}

async function leftovers(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  return (await readdir(directory)).map((entry) => join(directory, entry)).filter((path) => !isOwned(path));
}

async function poolNames(): Promise<string[]> {
  try {
    return (await exec(["zpool", "list", "-H", "-o", "name"])).stdout.split("\n").filter((name) => name !== "");
  } catch {
    return [];
  }
}

/** A directory of runc's (`--root`) has a folder with a state.json per container. */
async function sweepContainers(directory: string): Promise<string[]> {
  if (findProgram("runc") === undefined) return [];
  const removed: string[] = [];
  for (const root of runcRoots(directory)) {
    for (const id of readdirSync(root)) {
      if (!existsSync(join(root, id, "state.json"))) continue;
      try {
        await exec(["runc", "--root", root, "delete", "--force", id]);
        removed.push(`container ${id}`);
      } catch (error) {
        removed.push(`container ${id}, not removed: ${describeError(error)}`);
      }
    }
  }
  return removed;
}

function runcRoots(directory: string): string[] {
  const states = new Bun.Glob("**/state.json").scanSync({ cwd: directory, dot: true, onlyFiles: true });
  return [...new Set([...states].map((state) => join(directory, state, "..", "..")))];
}

/** Ends the processes that run in the directory or have a file open in it; not zfs-fuse, which has the image open. */
async function endProcesses(directory: string): Promise<string[]> {
  const removed: string[] = [];
  for (const pid of await processIds()) {
    if (pid === process.pid || !(await holds(pid, directory))) continue;
    try {
      process.kill(pid, "SIGKILL");
      removed.push(`process ${pid}`);
    } catch {
      // It has ended by itself.
    }
  }
  return removed;
}

async function processIds(): Promise<number[]> {
  if (!existsSync("/proc/self/stat")) return [];
  return (await readdir("/proc")).filter((entry) => /^[0-9]+$/.test(entry)).map(Number);
}

async function holds(pid: number, directory: string): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  if (name.trim() === "zfs-fuse") return false;
  const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = ["cwd", "root", ...open.map((fd) => `fd/${fd}`)];
  const targets = await Promise.all(links.map((link) => readlink(`/proc/${pid}/${link}`).catch(() => "")));
  return targets.some((target) => target === directory || target.startsWith(`${directory}/`));
}

if (import.meta.main) {
  for (const line of await sweep()) process.stdout.write(`swept ${line}\n`);
}
