import type { Brand } from "../brand.ts";
import type { NetworkDriver } from "../contract/container.ts";
import { KleeneError } from "../errors.ts";

/** A jail's name: the ID of the container it runs, or of the image being built. Validated by `jailName`. */
export type JailName = Brand<string, "JailName">;

/** @throws KleeneError `invalid` for anything but lower case letters and digits */
export function jailName(text: string): JailName {
  if (!/^[a-z0-9]{1,64}$/.test(text)) throw new KleeneError("invalid", `"${text}" is not a jail's name`);
  return text as JailName;
}

/** A jail as it is to be. */
export interface Jail {
  readonly name: JailName;
  /** The mounted root file system: an absolute path of the host's. */
  readonly root: string;
  readonly hostname: string;
  readonly networkDriver: NetworkDriver;
  /** jail(8) parameters as the user gave them (`allow.raw_sockets`, `host.hostname=web`); they replace the defaults. */
  readonly parameters: readonly string[];
}

/** A process in a jail. */
export interface Process {
  /** The program is looked up in the PATH of `env`, inside the jail. */
  readonly argv: readonly [string, ...string[]];
  /** `NAME=value`; the whole environment. */
  readonly env: readonly string[];
  /** "" (root), a name or a number, with `:group`; names are looked up in the jail's own passwd and group. */
  readonly user: string;
  /** An absolute path inside the jail. */
  readonly cwd: string;
}

export type OutputStream = "stdout" | "stderr";

/** Receives what a process prints, as it comes. */
export type OnOutput = (stream: OutputStream, chunk: Uint8Array) => void;

/** A process under a supervisor that outlives the daemon. Its files lie in the directory it was started with. */
export interface SupervisedProcess {
  /** Resolves to the exit status (128+n after signal n) once it has ended and all of its output is in the files. */
  readonly exited: Promise<number>;
  /** Sends a signal to the process itself. @param signal a name with SIG */
  signal(signal: NodeJS.Signals): Promise<void>;
}

/** A `run` that only waits for the word. It is used once or discarded; a daemon that ends discards it. */
export interface PreparedRun {
  /** As `Runtime.run`, also when users or directories of the root have changed since it was prepared. */
  run(onOutput: OnOutput, signal: AbortSignal): Promise<number>;
  /** Leaves nothing. */
  discard(): Promise<void>;
}

export interface RunningJail {
  readonly name: JailName;
  /** FreeBSD's jail ID; null where the platform has none. */
  readonly jid: number | null;
}

/**
 * Runs processes in isolation. The life of a jail:
 *
 * `start` makes the jail and its first process; `exec` adds further processes; `stop` ends all of them. When the last
 * process has ended by itself, its supervisor removes the jail, with or without a daemon. `run` does all of it in one
 * call for a build's instruction, whose jail never outlives the call.
 *
 * A supervised process's directory holds `stdout` and `stderr` (appended as they come) and, after the end, `exit`
 * (the exit status in decimal). Everything else in it is the driver's own.
 *
 * Errors common to all: `invalid` for an unknown user or a bad working directory, `not-found` for a program that the
 * jail has not, `unsupported` for a parameter or driver that this platform lacks. After an error nothing is left.
 */
export interface Runtime {
  /** Whether the kernel ends a jail with its first process, as a Linux pid namespace does and a FreeBSD jail does not. */
  readonly endsWithFirstProcess: boolean;

  /** Refuses what this platform cannot do, before anything is made. @throws KleeneError `unsupported`, `invalid` */
  check(jail: Jail): void;

  /** Runs one process to its end in a jail of its own; `signal` ends it. Resolves to the exit status. */
  run(jail: Jail, process: Process, onOutput: OnOutput, signal: AbortSignal): Promise<number>;

  /**
   * Makes ready what a `run` of this jail and process will need, while another process may still run in it, so that the
   * run itself takes less time. Absent, or undefined, where nothing can be made ready.
   */
  prepareRun?(jail: Jail, process: Process): Promise<PreparedRun | undefined>;

  /** Makes the jail and starts its first process; resolves when the process runs. @param directory exists, is empty */
  start(jail: Jail, process: Process, directory: string): Promise<SupervisedProcess>;

  /** Starts a further process in a running jail. @throws KleeneError `conflict` when the jail does not run */
  exec(jail: Jail, process: Process, directory: string): Promise<SupervisedProcess>;

  /** Finds a process again that an earlier daemon started in `directory`; undefined when it is gone without a trace. */
  adopt(jail: JailName, directory: string): Promise<SupervisedProcess | undefined>;

  /**
   * Ends every process of the jail: the stop command or SIGTERM, after `timeout` milliseconds SIGKILL; then removes the
   * jail. Does nothing when there is none. No process, mount or cgroup of the jail is left afterwards.
   */
  stop(jail: JailName, timeout: number): Promise<void>;

  /** Every jail that this runtime made and that still is, from one look at the host. */
  list(): Promise<readonly RunningJail[]>;
}
