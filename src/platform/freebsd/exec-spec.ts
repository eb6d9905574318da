import type { ErrorCode } from "../../errors.ts";

/**
 * What the helper `kleene jail-exec FILE` is to become. The file is the only way that arguments and environment travel:
 * no command line and no environment of a process outside the jail ever holds them.
 *
 * The daemon writes the file and keeps it open. The helper locks it, reads it, empties it and unlinks it, enters the
 * jail and becomes the process. When it fails it writes an `ExecFailure` into the file, which only the daemon can reach
 * by then, and ends. So: unlinked, unlocked and empty means that the process runs.
 */
export interface ExecSpec {
  /** The jail's name, as the kernel knows it. */
  readonly jail: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: readonly string[];
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  readonly cwd: string;
  /** Where the helper leaves its process ID, which is also that of the process it becomes. */
  readonly pidFile: string | null;
}

export interface ExecFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** As a shell's: 127 for a program that is not there, 126 for one that cannot be run. */
  readonly status: number;
}
