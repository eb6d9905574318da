import type { Id } from "../../contract/names.ts";
import type { ContainerRecord } from "../../db/containers.ts";
import { listRunningExecs } from "../../db/execs.ts";
import { KleeneError } from "../../errors.ts";
import { jailName } from "../../platform/runtime.ts";
import type { Engine } from "../engine.ts";
import { reloadContainer, requireContainer } from "./find.ts";

/** Milliseconds between the polite signal and SIGKILL. */
export const DEFAULT_STOP_TIMEOUT = 10_000;

/**
 * Stops a container: every process of it is gone afterwards.
 *
 * @param timeout milliseconds until SIGKILL
 * @throws KleeneError `not-found`, `ambiguous`, `conflict` (it does not run)
 */
export async function stopContainer(
  engine: Pick<Engine, "db" | "locks" | "runtime" | "processes">,
  identifier: string,
  { timeout }: { timeout: number },
): Promise<Id> {
  const { id } = requireContainer(engine.db, identifier);
  return await engine.locks.hold(`container ${id}`, async () => {
    const container = reloadContainer(engine.db, id);
    if (container.status !== "running") throw new KleeneError("conflict", "container not running");
    await stopJail(engine, container, timeout);
    return id;
  });
}

/** The caller holds the container's lock. Resolves when the ends of its processes are in the database, too. */
export async function stopJail(
  { db, runtime, processes }: Pick<Engine, "db" | "runtime" | "processes">,
  { id }: Pick<ContainerRecord, "id">,
  timeout: number,
): Promise<void> {
  const running = listRunningExecs(db, id);
  await runtime.stop(jailName(id), timeout);
  await Promise.all(running.map((exec) => processes.settled(exec.id)));
}
