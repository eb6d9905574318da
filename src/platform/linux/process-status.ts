import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { KleeneError } from "../../errors.ts";

/** Sets of signals as bits, signal n at bit n - 1. */
export interface SignalSets {
  readonly blocked: bigint;
  readonly ignored: bigint;
  readonly caught: bigint;
}

/** Their default is to be ignored, or to stop the process; every other signal's is to end it. signal(7) */
const HARMLESS: readonly NodeJS.Signals[] = [
  "SIGCHLD",
  "SIGCONT",
  "SIGURG",
  "SIGWINCH",
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
];

/** rt_sigtimedwait(2): while it waits, the signals that it waits for show neither as blocked nor as caught. */
const SIGTIMEDWAIT: Readonly<Record<string, string>> = { x64: "128", arm64: "137" };

/** @throws KleeneError `invalid` for a name that is no signal's */
export function signalNumber(signal: NodeJS.Signals): number {
  const number = constants.signals[signal];
  if (number === undefined) throw new KleeneError("invalid", `there is no signal ${signal}`);
  return number;
}

/** Reads /proc/PID/status. proc(5) */
export function parseSignalSets(status: string): SignalSets {
  const set = (name: string) => {
    const digits = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
    if (digits === undefined) throw new KleeneError("internal", `the process's status has no ${name}`);
    return BigInt(`0x${digits}`);
  };
  return { blocked: set("SigBlk"), ignored: set("SigIgn"), caught: set("SigCgt") };
}

/**
 * Whether a signal would end the process if it were not the first of its PID namespace, which the kernel spares every
 * signal that it has not asked for. pid_namespaces(7)
 */
export async function wouldEnd(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  if (HARMLESS.includes(signal)) return false;
  const bit = 1n << BigInt(signalNumber(signal) - 1);
  const waitedBefore = await waitsForSignals(pid);
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  if (status === undefined) return false;
  const { blocked, ignored, caught } = parseSignalSets(status);
  if (((blocked | ignored | caught) & bit) !== 0n) return false;
  return !waitedBefore && !(await waitsForSignals(pid));
}

async function waitsForSignals(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/syscall`, "utf8").catch(() => "");
  return text.split(" ")[0] === SIGTIMEDWAIT[process.arch];
}

/** Whether execve(2) has succeeded: until then a jail's process is runc's own program. Undefined when it has ended. */
export async function isExecuted(pid: number): Promise<boolean | undefined> {
  const comm = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => undefined);
  return comm === undefined ? undefined : comm !== "runc:[2:INIT]\n";
}
