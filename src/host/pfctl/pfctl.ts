import type { Executor } from "../exec.ts";

/** Checks a ruleset without loading it: pfctl(8). @throws CommandError with `stdin:LINE: ...` */
export async function checkRuleset({ exec }: Pick<Executor, "exec">, text: string): Promise<void> {
  await exec(["/sbin/pfctl", "-n", "-f", "-"], { stdin: text });
}

/** Replaces the main ruleset by a file's; anchors keep theirs. @throws CommandError, with the old rules in force */
export async function loadRuleset({ exec }: Pick<Executor, "exec">, file: string): Promise<void> {
  await exec(["/sbin/pfctl", "-q", "-f", file]);
}

export async function isPfEnabled({ exec }: Pick<Executor, "exec">): Promise<boolean> {
  return /^Status: Enabled/m.test((await exec(["/sbin/pfctl", "-s", "info"])).stdout);
}
