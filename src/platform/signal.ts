import { systemErrorCode } from "../errors.ts";

/** Sends a signal to a process, by its number on the host; nothing happens when it has ended. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== "ESRCH") throw error;
  }
}
