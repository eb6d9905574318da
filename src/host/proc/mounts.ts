import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { KleeneError } from "../../errors.ts";
import type { Exec } from "../exec.ts";

/** One line of /proc/self/mounts. */
export interface LinuxMount {
  /** A device, a dataset, or whatever else the file system calls its source. */
  readonly source: string;
  readonly mountpoint: string;
  readonly type: string;
}

/** Reads the text of /proc/self/mounts, proc_pid_mounts(5), in the order in which the file systems were mounted. */
export function parseMounts(text: string): LinuxMount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [source, mountpoint, type] = line.split(" ").map(unescapeOctal);
      if (source === undefined || mountpoint === undefined || type === undefined) {
        throw new KleeneError("internal", `"${line}" is not a line of /proc/self/mounts`);
      }
      return { source, mountpoint, type };
    });
}

/** Spaces and the like are written as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Everything that is mounted on a Linux host. */
export function readMounts(): LinuxMount[] {
  return parseMounts(readFileSync("/proc/self/mounts", "utf8"));
}

const ATTEMPTS = 100;
const PAUSE = 20;

/** Unmounts whatever is mounted below `root`, the last mounted first, but not `root` itself. Linux only. */
export async function unmountBelow(exec: Exec, root: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const last = readMounts().findLast(({ mountpoint }) => mountpoint.startsWith(`${root}/`))?.mountpoint;
    if (last === undefined) return;
    try {
      await exec(["umount", last]);
    } catch (error) {
      // processes that were just killed may hold it for a moment more
      if (attempt >= ATTEMPTS) throw new KleeneError("busy", `cannot unmount ${last}`, { cause: error });
      await sleep(PAUSE);
    }
  }
}
