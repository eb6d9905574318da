import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { KleeneError } from "../../errors.ts";
import type { Exec } from "../exec.ts";

/** The mount points of proc_mounts(5), in the order they were mounted. */
export function parseMounts(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const point = line.split(" ")[1];
      if (point === undefined) throw new KleeneError("internal", `"${line}" is not a line of /proc/mounts`);
      return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    });
}

const ATTEMPTS = 100;
const PAUSE = 20;

/** Unmounts whatever is mounted below `root`, the last mounted first, but not `root` itself. Linux only. */
export async function unmountBelow(exec: Exec, root: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const below = parseMounts(await readFile("/proc/self/mounts", "latin1")).filter((at) => at.startsWith(`${root}/`));
    const last = below.at(-1);
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
