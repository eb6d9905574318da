import { KleeneError } from "../../errors.ts";

/** Reads the process IDs from `ps --libxo json -o pid`. */
export function parseProcessIds(text: string): number[] {
  const surprise = (cause?: unknown) => new KleeneError("internal", "ps wrote something unexpected", { cause });
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch (error) {
    throw surprise(error);
  }
  const processes = (output as { "process-information"?: { process?: unknown } } | null)?.["process-information"];
  if (processes === undefined || !Array.isArray(processes.process)) throw surprise();
  return processes.process.map((entry: unknown) => {
    const pid = (entry as { pid?: unknown } | null)?.pid;
    if (!/^[1-9][0-9]*$/.test(String(pid))) throw surprise();
    return Number(pid);
  });
}
