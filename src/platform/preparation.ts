import type { HostFact } from "../contract/system.ts";
import { describeError } from "../errors.ts";

export interface PreparationOptions {
  /** The dataset that is to hold everything: `zroot/kleene`. */
  readonly rootDataset: string;
  /** Bytes of the file behind a new pool, when there is none to use. */
  readonly poolSize: number;
  /** May call the system's package manager. */
  readonly install: boolean;
  readonly dryRun: boolean;
  /** Asks before anything that takes disk space or changes a system file; `--yes` answers true. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/**
 * One check's outcome. `ok`: it was so already. `done`: it was made so. `planned`: a dry run would make it so.
 * `failed`: it could not be made so; `remedy` is the command that would.
 */
export interface Check {
  readonly name: string;
  readonly outcome: "ok" | "done" | "planned" | "failed";
  readonly detail: string;
  readonly remedy?: string;
}

/** Turns what goes wrong while a check is made into a check that failed. */
export async function attempt(name: string, prepare: () => Promise<Check>): Promise<Check> {
  try {
    return await prepare();
  } catch (error) {
    return { name, outcome: "failed", detail: describeError(error) };
  }
}

/** Makes a machine ready for Kleene. Every step may be repeated; a second run changes nothing. */
export interface Preparation {
  /** Yields each check as it is done. Later checks that need a failed one are yielded as failed, too. */
  prepare(options: PreparationOptions): AsyncIterable<Check>;

  /**
   * What a reboot undoes, done again at every start of the daemon, and only that: starts zfs-fuse, imports the pool
   * that Kleene made. Does nothing on a host that was never prepared.
   */
  wake(rootDataset: string): Promise<void>;

  /** Facts about the host for `kleene info`: system, ZFS, runtime, firewall, and their versions. */
  facts(): Promise<readonly HostFact[]>;
}
