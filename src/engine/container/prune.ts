import { listContainerRecords } from "../../db/containers.ts";
import { errorCode } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { removeContainer } from "./remove.ts";

/** Removes every container that does not run and is not to be kept (`persist`). @returns the IDs of the removed */
export async function pruneContainers(
  engine: Pick<Engine, "db" | "zfs" | "layout" | "locks" | "runtime" | "processes">,
): Promise<string[]> {
  const removed: string[] = [];
  for (const { id, persist } of listContainerRecords(engine.db, ["created", "exited"])) {
    if (persist) continue;
    try {
      removed.push(await removeContainer(engine, id, { force: false }));
    } catch (error) {
      // Started or removed by somebody else in between.
      if (!["conflict", "not-found"].includes(errorCode(error))) throw error;
    }
  }
  return removed;
}
