import { existsSync } from "node:fs";
import { describeError } from "../src/errors.ts";
import { exec, executor, findProgram } from "../src/host/exec.ts";
import { SYSTEMD_DIRECTORY, startZfsFuse } from "../src/host/zfs-fuse/zfs-fuse.ts";

/** Makes sure that a ZFS answers; where only zfs-fuse is installed, it is started and left running. */
export async function requireZfs(): Promise<void> {
  const failure = await zpoolFailure();
  if (failure === undefined) return;
  if (findProgram("zfs-fuse") === undefined) throw new Error(`tests need a running ZFS: ${failure}`);
  const answers = async () => (await zpoolFailure()) === undefined;
  await startZfsFuse(executor, answers, { systemd: existsSync(SYSTEMD_DIRECTORY) });
}

async function zpoolFailure(): Promise<string | undefined> {
  try {
    await exec(["zpool", "list", "-H", "-o", "name"], { timeout: 30_000 });
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
