import { CommandError } from "../../errors.ts";
import type { Executor } from "../exec.ts";

/** Variables of FreeBSD's kernel, in the order asked for: sysctl(8). @throws CommandError when it lacks one */
export async function readSysctls({ exec }: Pick<Executor, "exec">, names: readonly string[]): Promise<string[]> {
  return (await exec(["/sbin/sysctl", "-n", ...names])).stdout.trimEnd().split("\n");
}

/** One variable; undefined where this kernel has none of that name. */
export async function readSysctl({ exec }: Pick<Executor, "exec">, name: string): Promise<string | undefined> {
  try {
    return (await exec(["/sbin/sysctl", "-n", name])).stdout.trimEnd();
  } catch (error) {
    if (error instanceof CommandError && /unknown oid/.test(error.stderr)) return undefined;
    throw error;
  }
}
