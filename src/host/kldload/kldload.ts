import type { Executor } from "../exec.ts";

/** Loads a kernel file, its module's name or a path; fine when it is loaded already: kldload(8). @throws CommandError */
export async function loadModule({ exec }: Pick<Executor, "exec">, file: string): Promise<void> {
  await exec(["/sbin/kldload", "-n", file]);
}
