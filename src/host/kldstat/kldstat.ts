import { CommandError } from "../../errors.ts";
import type { Executor } from "../exec.ts";

/** Whether the kernel has a module, loaded or built in: kldstat(8). */
export async function hasModule({ exec }: Pick<Executor, "exec">, module: string): Promise<boolean> {
  try {
    await exec(["/sbin/kldstat", "-q", "-m", module]);
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) return false;
    throw error;
  }
}
