import { existsSync, readFileSync } from "node:fs";
import { exec } from "../src/host/exec.ts";

/** What is mounted at the directory or below it, the latest mount first, so that it can be unmounted in that order. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const table = existsSync("/proc/self/mounts")
    ? readFileSync("/proc/self/mounts", "utf8")
    : (await exec(["mount", "-p"])).stdout;
  return table
    .split("\n")
    .map((line) => unescapeOctal(line.split(/\s+/)[1] ?? ""))
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}

/** Unmounts what it can: a mount that is in use stays, and whoever removes what holds it says so. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const path of await mountsBelow(directory)) {
    await exec(["umount", path], { timeout: 30_000 }).catch(() => undefined);
  }
}

/** Spaces and the like are written as `\040`. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
