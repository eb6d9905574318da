import { existsSync } from "node:fs";
import { executor } from "../src/host/exec.ts";
import { listMounts } from "../src/host/mount/mount.ts";
import { readMounts } from "../src/host/proc/mounts.ts";

/** What is mounted at the directory or below it, the latest mount first, so that it can be unmounted in that order. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const mounts = existsSync("/proc/self/mounts") ? readMounts() : await listMounts(executor);
  return mounts
    .map(({ mountpoint }) => mountpoint)
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}

/** Unmounts what it can: a mount that is in use stays, and whoever removes what holds it says so. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const path of await mountsBelow(directory)) {
    await executor.exec(["umount", path], { timeout: 30_000 }).catch(() => undefined);
  }
}
