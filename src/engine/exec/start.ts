import { mkdir, rm } from "node:fs/promises";
import type { Id } from "../../contract/names.ts";
import { type ContainerRecord, updateContainer } from "../../db/containers.ts";
import { deleteExec, type ExecRecord, updateExec } from "../../db/execs.ts";
import { KleeneError } from "../../errors.ts";
import type { Process, SupervisedProcess } from "../../platform/runtime.ts";
import { reloadContainer } from "../container/find.ts";
import { jailOf } from "../container/jail.ts";
import type { Engine } from "../engine.ts";
import { mergeEnvironment } from "../environment.ts";
import { timestamp } from "../id.ts";
import { requireExec } from "./find.ts";
import { watchProcess } from "./watch.ts";

/**
 * Starts an execution instance; with `startContainer`, in a container that does not run yet, it becomes the
 * container's first process. Resolves when the process runs.
 *
 * @throws KleeneError `not-found` (also the program), `conflict` (the container does not run, or the instance was
 * started before), `invalid` (user, working directory), `unsupported`
 */
export async function startExec(
  engine: Pick<Engine, "db" | "zfs" | "layout" | "locks" | "runtime" | "processes">,
  identifier: string,
  { startContainer }: { startContainer: boolean },
): Promise<Id> {
  const { db, locks } = engine;
  const { id, containerId } = requireExec(db, identifier);
  return await locks.hold(`container ${containerId}`, async () => {
    const exec = requireExec(db, id);
    const container = reloadContainer(db, containerId);
    if (exec.status !== "created") {
      throw new KleeneError("conflict", `the execution instance ${id} was started before`);
    }
    const first = container.status !== "running";
    if (first && !startContainer) throw new KleeneError("conflict", `the container ${container.name} is not running`);
    if (container.status === "removing") {
      throw new KleeneError("conflict", `the container ${container.name} is being removed`);
    }
    const process = await startProcess(engine, container, exec, first);
    watchProcess(engine, { id, containerId, first }, process);
    return id;
  });
}

async function startProcess(
  { db, layout, runtime }: Pick<Engine, "db" | "layout" | "runtime">,
  container: ContainerRecord,
  exec: ExecRecord,
  first: boolean,
): Promise<SupervisedProcess> {
  const directory = layout.execDirectory(container.id, exec.id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // The rows come first: after a crash the reconcile pass looks for a process of every running instance.
  updateExec(db, exec.id, { status: "running", first });
  if (first)
    updateContainer(db, container.id, { status: "running", started: timestamp(), finished: null, exitCode: null });
  try {
    const jail = jailOf(layout, container);
    const process = processOf(container, exec);
    return first ? await runtime.start(jail, process, directory) : await runtime.exec(jail, process, directory);
  } catch (error) {
    if (first)
      updateContainer(db, container.id, {
        status: container.status,
        started: container.started,
        finished: container.finished,
        exitCode: container.exitCode,
      });
    deleteExec(db, exec.id);
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function processOf(container: ContainerRecord, exec: ExecRecord): Process {
  const [program, ...args] = exec.command.length > 0 ? exec.command : container.command;
  if (program === undefined) throw new KleeneError("invalid", "there is no command to run");
  return {
    argv: [program, ...args],
    env: mergeEnvironment(container.env, exec.env),
    user: exec.user || container.user,
    cwd: container.workdir || "/",
  };
}
