import { findContainer, updateContainer } from "../../db/containers.ts";
import { listRunningExecs, type RunningExec, updateExec } from "../../db/execs.ts";
import { describeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { SupervisedProcess } from "../../platform/runtime.ts";
import { removeStopped } from "../container/remove.ts";
import type { Engine } from "../engine.ts";
import { timestamp } from "../id.ts";

type Needs = Pick<Engine, "db" | "zfs" | "layout" | "locks" | "runtime" | "processes">;

/** Follows a process to its end, and writes the end into the database. */
export function watchProcess(engine: Needs, exec: RunningExec, process: SupervisedProcess): void {
  const settled = process.exited
    .then((exitCode) => recordExit(engine, exec, exitCode))
    .catch((error: unknown) => log.error(`cannot record the end of ${exec.id}: ${describeError(error)}`))
    .finally(() => engine.processes.delete(exec.id));
  engine.processes.add(exec.id, process, settled);
}

/** A container runs as long as one of its processes does; its exit status is its first process's. */
export async function recordExit(engine: Needs, exec: RunningExec, exitCode: number): Promise<void> {
  const { db, runtime, processes } = engine;
  updateExec(db, exec.id, { status: "exited", exitCode });
  if (exec.first) {
    updateContainer(db, exec.containerId, { exitCode });
    if (runtime.endsWithFirstProcess) {
      const others = listRunningExecs(db, exec.containerId);
      await Promise.all(others.map((other) => processes.settled(other.id)));
    }
  }
  if (listRunningExecs(db, exec.containerId).length > 0) return;
  if (findContainer(db, exec.containerId)?.status !== "running") return;
  updateContainer(db, exec.containerId, { status: "exited", finished: timestamp() });
  removeIfAsked(engine, exec);
}

/** `--rm`. Not awaited: a stop holds the container's lock while it waits for the end to be recorded. */
function removeIfAsked(engine: Needs, { id, containerId }: RunningExec): void {
  const { db, locks, processes } = engine;
  if (findContainer(db, containerId)?.autoRemove !== true) return;
  const removal = processes.unheld(id).then(() =>
    locks.hold(`container ${containerId}`, async () => {
      const container = findContainer(db, containerId);
      if (container?.status === "exited") await removeStopped(engine, container);
    }),
  );
  processes.addRemoval(
    containerId,
    removal.catch((error: unknown) => log.error(`cannot remove container ${containerId}: ${describeError(error)}`)),
  );
}
