import { CommandError } from "../../errors.ts";
import type { Executor } from "../exec.ts";
import { parseProcessIds } from "./parse.ts";

/** The processes of a jail; none for a jail that is not. ps(1) exits 1 when it has nothing to show. */
export async function listJailProcesses({ exec }: Pick<Executor, "exec">, jid: number): Promise<number[]> {
  try {
    return parseProcessIds((await exec(["/bin/ps", "--libxo", "json", "-J", String(jid), "-o", "pid"])).stdout);
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1 && error.stderr.trim() === "") return [];
    throw error;
  }
}
