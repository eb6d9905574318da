import type { Id } from "../../contract/names.ts";
import { findContainer } from "../../db/containers.ts";
import { findExec } from "../../db/execs.ts";
import { KleeneError, required } from "../../errors.ts";
import type { Engine } from "../engine.ts";

export interface ExecEnd {
  /** The exit status, 128+n after signal n. */
  readonly exitCode: number;
  /** Whether the container ended with it. */
  readonly containerExited: boolean;
}

/**
 * Waits for the end of an execution instance, and where its container is to be removed then (`--rm`), for that, too.
 * Whoever holds the instance's output must have let go of it.
 *
 * @throws KleeneError `not-found`, `conflict` (it was not started)
 */
export async function waitExec({ db, processes }: Pick<Engine, "db" | "processes">, id: Id): Promise<ExecEnd> {
  const { containerId } = required(findExec(db, id), `execution instance not found: ${id}`);
  await processes.settled(id);
  const exec = findExec(db, id);
  await processes.removed(containerId);
  const exitCode = exec?.exitCode ?? undefined;
  if (exitCode === undefined) throw new KleeneError("conflict", `the execution instance ${id} has not run`);
  return { exitCode, containerExited: findContainer(db, containerId)?.status !== "running" };
}
