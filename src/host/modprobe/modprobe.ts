import { CommandError, errorCode } from "../../errors.ts";
import type { Exec } from "../exec.ts";

/** Loads a kernel module, modprobe(8). False when the kernel has none of that name, or loads no modules. */
export async function loadModule(exec: Exec, module: string): Promise<boolean> {
  try {
    await exec(["modprobe", "--quiet", module]);
    return true;
  } catch (error) {
    if (error instanceof CommandError || errorCode(error) === "missing-tool") return false;
    throw error;
  }
}
