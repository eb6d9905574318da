import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { KleeneError } from "../../errors.ts";
import type { Executor } from "../exec.ts";
import { parseMounts, readMounts } from "../proc/mounts.ts";

const PID_FILE = "/run/zfs-fuse.pid";
const SYSTEMD = "/run/systemd/system";

/**
 * Starts zfs-fuse(8) and waits until `answers` says so. Where systemd runs, it starts the service: a daemon of ours
 * that is stopped as a service would take a child of its own along, and every file system with it.
 *
 * @throws KleeneError `missing-tool`, `unavailable` when it does not answer within half a minute
 */
export async function startZfsFuse(
  { exec, spawn }: Executor,
  answers: () => Promise<boolean>,
  options: { systemd: boolean; patience?: number; pidFile?: string; mounts?: string },
): Promise<void> {
  const { pidFile = PID_FILE, mounts = "/proc/self/mounts" } = options;
  if (options.systemd) {
    await exec(["systemctl", "start", "zfs-fuse.service"]);
  } else {
    await clearAfterCrash({ exec }, pidFile, mounts);
    const daemon = spawn(["zfs-fuse", "--pidfile", pidFile, "--no-kstat-mount"], { cwd: "/", detached: true });
    const status = await daemon.exited;
    if (status !== 0) throw new KleeneError("unavailable", `zfs-fuse exited with ${status}`);
  }
  const deadline = Date.now() + (options.patience ?? 30_000);
  while (!(await answers())) {
    if (Date.now() > deadline) throw new KleeneError("unavailable", "zfs-fuse was started and does not answer");
    await sleep(50);
  }
  await spareFromOomKiller(pidFile);
  await showConnections({ exec });
}

export { SYSTEMD as SYSTEMD_DIRECTORY };

/**
 * One that was killed leaves its pid file, and none starts where there is one; and it leaves its file systems mounted,
 * without anybody to answer for them, so that no other can be mounted in their place.
 */
async function clearAfterCrash({ exec }: Pick<Executor, "exec">, pidFile: string, mounts: string): Promise<void> {
  const pid = await readPid(pidFile);
  const name = pid === undefined ? "" : await readFile(`/proc/${pid}/comm`, "latin1").catch(() => "");
  if (name.trim() === "zfs-fuse") return;
  await rm(pidFile, { force: true });
  const dead = parseMounts(await readFile(mounts, "utf8")).filter(({ type }) => type === "fuse.zfs");
  for (const { mountpoint } of dead.reverse()) await exec(["umount", "-l", mountpoint]).catch(() => undefined);
}

/** Mounts fusectl, by which `settleMounts` sees what is under way; systems with systemd have it mounted. */
async function showConnections({ exec }: Pick<Executor, "exec">): Promise<void> {
  const connections = "/sys/fs/fuse/connections";
  if (!existsSync(connections) || readMounts().some(({ mountpoint }) => mountpoint === connections)) return;
  await exec(["mount", "-t", "fusectl", "fusectl", connections]).catch(() => undefined);
}

// Every file system of the pool dies with it.
async function spareFromOomKiller(pidFile: string): Promise<void> {
  const pid = await readPid(pidFile);
  if (pid === undefined) return;
  // without the right to it, or started by something else: a precaution only
  await writeFile(`/proc/${pid}/oom_score_adj`, "-1000").catch(() => undefined);
}

async function readPid(pidFile: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(pidFile, "latin1").catch(() => ""), 10);
  return pid > 1 ? pid : undefined;
}
