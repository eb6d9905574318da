import { readdir, readFile } from "node:fs/promises";
import type { Installation } from "../installation.ts";
import { isAlive, until } from "./command.ts";

/** Numbers of the daemons that listen on the installation's socket, however they were started. */
export async function daemonPids({ env }: Pick<Installation, "env">): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      return words[1] === "daemon" && words.includes(env.KLEENE_HOST ?? "");
    }),
  );
  return pids.filter((_, index) => found[index]).map(Number);
}

/** Ends a daemon that is not a child of the test's. */
export async function endDaemon(pid: number, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  process.kill(pid, signal);
  await until(`daemon ${pid} has ended`, () => !isAlive(pid));
}
