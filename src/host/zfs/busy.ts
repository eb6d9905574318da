import { CommandError } from "../../errors.ts";
import { isBusy } from "./errors.ts";

/**
 * Milliseconds before each further attempt, about five seconds in all. The first comes at once: zfs-fuse answers
 * "busy" to the first destroy of a mounted dataset and unmounts it by that.
 */
export const BUSY_PAUSES: readonly number[] = [0, 5, 10, 20, 40, 80, 160, 320, ...Array<number>(9).fill(500)];

// zfs-fuse unmounts one dataset per attempt: a tree takes as many attempts as it has datasets.
const MAX_PROGRESS = 10_000;

/**
 * Tries again while the dataset is busy. A failure that names another dataset than the one before is progress, and
 * the pauses begin anew.
 */
export async function whileBusy<T>(pauses: readonly number[], attempt: () => Promise<T>): Promise<T> {
  let before = "";
  let next = 0;
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || attempts >= MAX_PROGRESS) throw error;
      const said = saidBy(error);
      if (said !== before) next = 0;
      before = said;
      const pause = pauses[next];
      if (pause === undefined) throw error;
      next += 1;
      if (pause > 0) await Bun.sleep(pause);
    }
  }
}

function saidBy(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CommandError ? cause.stderr : String(error);
}
