import { CommandError, type ErrorCode, KleeneError } from "../../errors.ts";
import { type Argv, CLEAN_ENV, type Executor } from "../exec.ts";
import type { KernelJailName } from "./name.ts";

/** Where a jail is described: a jail.conf(5) of its own, used to create it and to remove it. */
export interface JailFile {
  readonly name: KernelJailName;
  /** The jail.conf; an absolute path. */
  readonly conf: string;
}

export interface RemoveOptions {
  /** A file that is locked (lockf(1)) meanwhile, so that two do not remove the jail at once. */
  readonly lock?: string;
  /** Milliseconds until jail(8) itself is killed. Default: that of `exec`. */
  readonly timeout?: number;
}

// Commands run with exec.clean are given the TERM of jail(8), which some versions cannot do without.
const ENV = { ...CLEAN_ENV, TERM: "dumb" };

/**
 * Creates a jail from its file. When it fails, jail(8) has removed the jail and its mounts again.
 * @throws KleeneError `invalid` for a parameter it does not know or a mount over a symbolic link, `conflict` when there
 * is a jail of that name, else `failed`
 */
export async function createJail({ exec }: Pick<Executor, "exec">, { name, conf }: JailFile): Promise<void> {
  try {
    await exec(["/usr/sbin/jail", "-q", "-f", conf, "-c", name], { env: ENV });
  } catch (error) {
    throw error instanceof CommandError ? createError(error) : error;
  }
}

/**
 * Removes a jail by its file: its stop commands run, its processes are ended, its mounts undone. jail(8) also exits
 * non-zero when only a stop command failed, or when there was no such jail: look at the jail afterwards, not at this.
 * @throws CommandError
 */
export async function removeJail(
  { exec }: Pick<Executor, "exec">,
  { name, conf }: JailFile,
  { lock, timeout }: RemoveOptions = {},
): Promise<void> {
  const remove: Argv = ["/usr/sbin/jail", "-q", "-f", conf, "-r", name];
  await exec(lock === undefined ? remove : ["/usr/bin/lockf", lock, ...remove], {
    env: ENV,
    ...(timeout === undefined ? {} : { timeout }),
  });
}

/** Removes a jail without its file: its processes are killed, its mounts stay. @throws CommandError */
export async function killJail({ exec }: Pick<Executor, "exec">, name: KernelJailName): Promise<void> {
  await exec(["/usr/sbin/jail", "-q", "-R", name], { env: ENV });
}

function createError(error: CommandError): KleeneError {
  const said = error.stderr.split("\n").filter((line) => line.startsWith("jail: "));
  const reason = said[0]?.slice("jail: ".length);
  const what = reason === undefined ? "cannot create the jail" : `cannot create the jail: ${reason}`;
  return new KleeneError(createErrorCode(error.stderr), what, { cause: error });
}

function createErrorCode(stderr: string): ErrorCode {
  if (
    / is a symbolic link$|unknown parameter|unknown boolean value|non-integer value|missing information/m.test(stderr)
  ) {
    return "invalid";
  }
  return / already exists$/m.test(stderr) ? "conflict" : "failed";
}
