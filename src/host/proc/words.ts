import { readdir, readFile } from "node:fs/promises";

/** Whether a process was started with this word among its arguments. proc(5), Linux only */
export async function isAnArgument(word: string): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.some((line) => line.split("\0").includes(word));
}
