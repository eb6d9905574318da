import type { Executor } from "../exec.ts";

/** The files that sysrc(8) edits here. */
export type SettingsFile = "rc.conf" | "/boot/loader.conf";

function target(file: SettingsFile): string[] {
  return file === "rc.conf" ? [] : ["-f", file];
}

/** A variable's value, in rc.conf(5) with the system's defaults behind it; "" when it is not set: sysrc(8). */
export async function readSetting({ exec }: Pick<Executor, "exec">, file: SettingsFile, name: string): Promise<string> {
  return (await exec(["/usr/sbin/sysrc", ...target(file), "-i", "-n", name])).stdout.trim();
}

/** @throws CommandError */
export async function writeSetting(
  { exec }: Pick<Executor, "exec">,
  file: SettingsFile,
  name: string,
  value: string,
): Promise<void> {
  await exec(["/usr/sbin/sysrc", ...target(file), `${name}=${value}`]);
}

/** Adds a word to a variable that is a list of words, unless it has it. @throws CommandError */
export async function addToSetting(
  { exec }: Pick<Executor, "exec">,
  file: SettingsFile,
  name: string,
  word: string,
): Promise<void> {
  await exec(["/usr/sbin/sysrc", ...target(file), `${name}+=${word}`]);
}
