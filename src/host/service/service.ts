import type { Executor } from "../exec.ts";

/** Starts a service of rc(8), whether or not it is enabled. @throws CommandError */
export async function startService({ exec }: Pick<Executor, "exec">, name: string): Promise<void> {
  await exec(["/usr/sbin/service", name, "onestart"]);
}
