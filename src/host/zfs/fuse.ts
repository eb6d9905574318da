import { existsSync, lstatSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { type Lock, tryLock } from "../flock.ts";
import { readMounts } from "../proc/mounts.ts";

/** Where zfs(8) meets zfs-fuse; the kernel's ZFS has no such socket. */
const SOCKET = "/var/run/zfs/zfs_socket";
const LOCK = "/var/run/zfs/kleene.lock";
const CONNECTIONS = "/sys/fs/fuse/connections";
/** Milliseconds. */
const PAUSE = 1;
const SETTLED_WITHIN = 2_000;
const LOCKED_WITHIN = 60_000;
/** Requests made where the kernel does not show how many are waiting. */
const BLIND_REQUESTS = 3;

let last: Promise<unknown> = Promise.resolve();

/**
 * To be put around whatever mounts or unmounts `dataset` or what lies below it. With the kernel's ZFS it does nothing.
 * Two faults of zfs-fuse, each of which hangs every pool of the machine, are avoided here:
 *
 * - It passes each new mount to its threads by two writes into one pipe, so two mounts at once get mixed up: they come
 *   one after another, among all of Kleene's processes. Programs keep the lock, since they outlive a killed daemon.
 * - The kernel sends a file's release after close(2) has returned, and an unmount drops those that zfs-fuse has not read
 *   yet; it then waits for them for ever: nothing is unmounted before all of them were read.
 */
export async function changingMounts<T>(dataset: string, change: (keep: readonly number[]) => Promise<T>): Promise<T> {
  if (!existsSync(SOCKET)) return await change([]);
  const turn = last.then(async () => {
    using lock = await takeLock();
    await settleMounts(dataset);
    return await change(lock === undefined ? [] : [lock.descriptor]);
  });
  last = turn.catch(() => undefined);
  return await turn;
}

/** A lock that cannot be had is better than a Kleene that does nothing: after a minute it goes on without. */
async function takeLock(): Promise<Lock | undefined> {
  const deadline = Date.now() + LOCKED_WITHIN;
  while (Date.now() < deadline) {
    const lock = tryLock(LOCK);
    if (lock !== undefined) return lock;
    await Bun.sleep(PAUSE);
  }
  return undefined;
}

/** Waits until no request is under way in the mounted file systems of `dataset` and below. */
async function settleMounts(dataset: string): Promise<void> {
  await Promise.all(fuseMounts(dataset).map(settle));
}

function fuseMounts(dataset: string): string[] {
  return readMounts()
    .filter(({ type, source }) => type === "fuse.zfs" && (source === dataset || source.startsWith(`${dataset}/`)))
    .map(({ mountpoint }) => mountpoint);
}

async function settle(mountpoint: string): Promise<void> {
  const deadline = Date.now() + SETTLED_WITHIN;
  try {
    const waiting = `${CONNECTIONS}/${minor(lstatSync(mountpoint, { bigint: true }).dev)}/waiting`;
    for (let round = 1; Date.now() < deadline; round++) {
      // A request of our own comes after those that were sent before.
      await statfs(mountpoint);
      const count = await readFile(waiting, "latin1").catch(() => undefined);
      if (count === undefined ? round > BLIND_REQUESTS : Number(count) === 0) return;
      await Bun.sleep(PAUSE);
    }
  } catch {
    // Gone by now, which is as good.
  }
}

function minor(device: bigint): bigint {
  return (device & 0xffn) | ((device >> 12n) & 0xfff00n);
}
