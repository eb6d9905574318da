import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readState } from "../../host/runc/state.ts";
import type { JailName, SupervisedProcess } from "../runtime.ts";
import { sendSignal } from "../signal.ts";
import { recordKillAs, type Supervised } from "../supervisor.ts";
import type { LinuxHost } from "./jail-end.ts";
import { signalNumber, wouldEnd } from "./process-status.ts";

/** The file that runc writes a process's number to. */
export const PID_FILE = "pid";

/** A process that runs, or ran, in a jail under the supervisor of the directory. */
export function supervisedProcess(
  host: LinuxHost,
  name: JailName,
  directory: string,
  { exited }: Supervised,
): SupervisedProcess {
  return { exited, signal: (signal) => signalProcess(host, name, directory, signal) };
}

/** What ctrl-c and ctrl-\ send goes to every process of the terminal's foreground group. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];

/**
 * The jail's first process gets from the kernel only the signals that it handles. Where any other process would have
 * been ended, it is killed, and its status is recorded as the signal's own.
 */
async function signalProcess(
  host: LinuxHost,
  name: JailName,
  directory: string,
  signal: NodeJS.Signals,
): Promise<void> {
  const number = signalNumber(signal);
  const pid = await processOf(host, name, directory);
  if (pid === undefined) return;
  const { runcRoot } = host.runDirectory;
  const first = (await readState(runcRoot, name))?.pid === pid;
  if (first && signal !== "SIGKILL" && (await wouldEnd(pid, signal))) {
    await recordKillAs(directory, 128 + number);
    sendSignal(pid, "SIGKILL");
  } else {
    sendSignal(pid, signal, { toGroup: FROM_TERMINAL.includes(signal) });
  }
}

/** The number of the directory's process, undefined once it has ended. */
export async function processOf(
  { runDirectory, cgroups }: LinuxHost,
  name: JailName,
  directory: string,
): Promise<number | undefined> {
  const pid = await recordedPid(directory);
  if (pid === undefined) return undefined;
  return (await cgroups.processes(runDirectory.cgroup(name))).includes(pid) ? pid : undefined;
}

export async function recordedPid(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, PID_FILE), "utf8").catch(() => "");
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
