import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../src/host/exec.ts";
import type { Installation } from "../installation.ts";
import { mountsBelow } from "../mounts.ts";

/** Everything that an operation may leave on the host, and what `lsc -a` and `lsi` say of it. Each list is sorted. */
export interface HostState {
  /** Datasets and snapshots below the root dataset. */
  readonly datasets: readonly string[];
  readonly mounts: readonly string[];
  /** runc's containers and the OCI bundles. */
  readonly jails: readonly string[];
  /** Those in jails, and those that watch or prepare them: each with its number and words. */
  readonly processes: readonly string[];
  /** Logs, images' configurations, downloads. */
  readonly files: readonly string[];
}

export interface State extends HostState {
  readonly images: readonly string[];
  readonly containers: readonly string[];
}

/** Asks the daemon, too. */
export async function stateOf(installation: Installation): Promise<State> {
  const ids = async (...command: string[]) =>
    (await installation.ok(...command, "-q")).split("\n").filter(Boolean).sort();
  return { ...(await hostStateOf(installation)), images: await ids("lsi"), containers: await ids("lsc", "-a") };
}

export async function hostStateOf({ pool, runDirectory }: Installation): Promise<HostState> {
  const list = ["zfs", "list", "-H", "-r", "-o", "name", "-t", "filesystem,snapshot", pool.rootDataset] as const;
  const root = join(pool.mountpoint, "kleene");
  return {
    datasets: (await exec(list)).stdout.split("\n").filter(Boolean).sort(),
    mounts: (await mountsBelow(pool.mountpoint)).sort(),
    jails: [...(await entries(join(runDirectory, "runc"))), ...(await entries(runDirectory))]
      .filter((name) => /^[0-9a-f]{12}(\.bundle)?$/.test(name))
      .sort(),
    processes: await jailProcesses({ pool, runDirectory }),
    files: [
      ...(await entries(root)).filter((name) => name.startsWith("download-")),
      ...(await entries(join(root, "logs"))).map((name) => `logs/${name}`),
      ...(await entries(join(root, "images"))).map((name) => `images/${name}`),
    ].sort(),
  };
}

async function entries(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}

/** Supervisors and runc name the pool or the run directory among their words; a jail's processes are in its cgroup. */
async function jailProcesses({ pool, runDirectory }: Pick<Installation, "pool" | "runDirectory">): Promise<string[]> {
  if (!existsSync("/proc/self/cgroup")) return [];
  const tag = new Bun.CryptoHasher("sha256").update(runDirectory).digest("hex").slice(0, 8);
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await read(pid, "cmdline")).split("\0");
      // One that has ended and only waits to be collected has no words.
      if (words.join("") === "") return [];
      const about = words.some((word) => word.startsWith(pool.mountpoint) || word.startsWith(runDirectory));
      const ours = about || (await read(pid, "cgroup")).includes(`kleene-${tag}-`);
      return ours ? [`${pid} ${words.join(" ")}`] : [];
    }),
  );
  return found.flat();
}
