import { rm } from "node:fs/promises";
import type { Id } from "../../contract/names.ts";
import { type ContainerRecord, deleteContainer, updateContainer } from "../../db/containers.ts";
import { errorCode, KleeneError } from "../../errors.ts";
import type { DatasetName } from "../../host/zfs/names.ts";
import type { Zfs } from "../../host/zfs/zfs.ts";
import { jailName } from "../../platform/runtime.ts";
import type { Engine } from "../engine.ts";
import { reloadContainer, requireContainer } from "./find.ts";
import { DEFAULT_STOP_TIMEOUT, stopJail } from "./stop.ts";

type Needs = Pick<Engine, "db" | "zfs" | "layout" | "locks" | "runtime" | "processes">;

/**
 * Removes a container with everything that was written to it; `force` stops it first.
 *
 * @throws KleeneError `not-found`, `ambiguous`, `conflict` (it is running)
 */
export async function removeContainer(engine: Needs, identifier: string, { force }: { force: boolean }): Promise<Id> {
  const { id } = requireContainer(engine.db, identifier);
  return await engine.locks.hold(`container ${id}`, async () => {
    const container = reloadContainer(engine.db, id);
    if (container.status === "running") {
      if (!force) throw new KleeneError("conflict", "you cannot remove a running container");
      await stopJail(engine, container, DEFAULT_STOP_TIMEOUT);
    }
    await removeStopped(engine, container);
    return id;
  });
}

/** The caller holds the container's lock. What fails half way goes on at the next removal or start of the daemon. */
export async function removeStopped(
  { db, zfs, layout, runtime }: Needs,
  { id }: Pick<ContainerRecord, "id">,
): Promise<void> {
  updateContainer(db, id, { status: "removing" });
  await runtime.stop(jailName(id), 0);
  await Promise.all([
    destroyDataset(zfs, layout.container(id)),
    rm(layout.containerLogs(id), { recursive: true, force: true }),
  ]);
  deleteContainer(db, id);
}

/** With its snapshots, if there are any: looking for them first would take twice as long. */
async function destroyDataset(zfs: Zfs, dataset: DatasetName): Promise<void> {
  try {
    await zfs.destroy(dataset);
  } catch (error) {
    switch (errorCode(error)) {
      case "not-found":
        return;
      case "in-use":
        return await zfs.destroy(dataset, { recursive: true });
      default:
        throw error;
    }
  }
}
