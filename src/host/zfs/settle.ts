import { lstatSync, readFileSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";

const CONNECTIONS = "/sys/fs/fuse/connections";
/** Milliseconds. */
const PAUSE = 1;
const PATIENCE = 2_000;
/** Requests made where the kernel does not show how many are waiting. */
const BLIND_REQUESTS = 3;

/**
 * zfs-fuse only: waits until nothing is under way in the mounted file systems of `dataset` and below. The kernel sends a
 * file's release after close(2) has returned, and an unmount drops those that zfs-fuse has not read yet; it then waits
 * for them for ever, and every pool of the machine with it. To be called before whatever unmounts.
 */
export async function settleMounts(dataset: string): Promise<void> {
  await Promise.all(fuseMounts(dataset).map(settle));
}

function fuseMounts(dataset: string): string[] {
  let table: string;
  try {
    table = readFileSync("/proc/self/mounts", "latin1");
  } catch {
    return [];
  }
  return table.split("\n").flatMap((line) => {
    const [source = "", point = "", type] = line.split(" ");
    const ours = type === "fuse.zfs" && (source === dataset || source.startsWith(`${dataset}/`));
    return ours
      ? [point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))]
      : [];
  });
}

async function settle(mountpoint: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
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
