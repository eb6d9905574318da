import { describeError } from "../src/errors.ts";
import { exec, findProgram, spawn } from "../src/host/exec.ts";

const STARTS_WITHIN = 15_000;

/** Makes sure that a ZFS answers; where only zfs-fuse is installed, it is started and left running. */
export async function requireZfs(): Promise<void> {
  const failure = await zpoolFailure();
  if (failure === undefined) return;
  if (findProgram("zfs-fuse") === undefined) throw new Error(`tests need a running ZFS: ${failure}`);
  spawn(["zfs-fuse", "--no-kstat-mount", "--pidfile", "/run/zfs-fuse.pid"], { detached: true });
  const deadline = Date.now() + STARTS_WITHIN;
  while ((await zpoolFailure()) !== undefined) {
    if (Date.now() > deadline) throw new Error(`zfs-fuse was started and does not answer: ${failure}`);
    await Bun.sleep(50);
  }
}

async function zpoolFailure(): Promise<string | undefined> {
  try {
    await exec(["zpool", "list", "-H", "-o", "name"], { timeout: 30_000 });
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
