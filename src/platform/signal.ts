import { systemErrorCode } from "../errors.ts";

/** Sends a signal, to the whole process group if the process leads one; nothing happens when it has ended. */
export function sendSignal(pid: number, signal: NodeJS.Signals, { toGroup = false } = {}): void {
  if (toGroup && trySignal(-pid, signal)) return;
  trySignal(pid, signal);
}

/** False where there is no such process, or no such group. */
function trySignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ESRCH") return false;
    throw error;
  }
}
