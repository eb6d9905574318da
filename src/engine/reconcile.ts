import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { listContainerRecords, updateContainer } from "../db/containers.ts";
import { listRunningExecs } from "../db/execs.ts";
import { deleteImage, listUnfinishedImages } from "../db/images.ts";
import { describeError, KleeneError } from "../errors.ts";
import { log } from "../log.ts";
import { jailName } from "../platform/runtime.ts";
import { removeStopped } from "./container/remove.ts";
import type { Engine } from "./engine.ts";
import { recordExit, watchProcess } from "./exec/watch.ts";
import { timestamp } from "./id.ts";
import { destroyImageDataset } from "./image/destroy-dataset.ts";
import { removeImageConfig } from "./image/properties.ts";

/** The exit status of a process whose end nobody saw, since the host went down with it. */
const UNKNOWN_EXIT = 255;

/**
 * At the daemon's start: what an earlier one left half done is undone or finished, running processes are found again,
 * and the ends of those that ended meanwhile are recorded. Only what a row says is unfinished is ever removed.
 */
export async function reconcile(engine: Engine): Promise<void> {
  await removeUnfinishedImages(engine);
  await removeUnfinishedContainers(engine);
  await adoptProcesses(engine);
  await stopStrayJails(engine);
  await removeDownloads(engine);
}

async function removeUnfinishedImages(engine: Engine): Promise<void> {
  const { db, zfs, layout, runtime, baseUserland } = engine;
  for (const { id, status } of listUnfinishedImages(db)) {
    await attempt(`image ${id}, which was ${status}`, async () => {
      await runtime.stop(jailName(id), 0);
      await baseUserland.release(layout.imageRoot(id));
      await destroyImageDataset(zfs, layout, id);
      await removeImageConfig(layout, id);
      deleteImage(db, id);
    });
  }
}

async function removeUnfinishedContainers(engine: Engine): Promise<void> {
  for (const { id, status } of listContainerRecords(engine.db, ["creating", "removing"])) {
    await attempt(`container ${id}, which was ${status}`, () => removeStopped(engine, { id }));
  }
}

async function adoptProcesses(engine: Engine): Promise<void> {
  const { db, layout, runtime } = engine;
  const lost: Promise<void>[] = [];
  for (const exec of listRunningExecs(db)) {
    const directory = layout.execDirectory(exec.containerId, exec.id);
    const process = await runtime.adopt(jailName(exec.containerId), directory);
    if (process === undefined) lost.push(recordExit(engine, exec, UNKNOWN_EXIT));
    else watchProcess(engine, exec, process);
  }
  await Promise.all(lost);
  // A crash between the two rows of a start: the container says that it runs, and no process does.
  for (const container of listContainerRecords(db, ["running"])) {
    if (listRunningExecs(db, container.id).length > 0) continue;
    updateContainer(db, container.id, {
      status: "exited",
      finished: timestamp(),
      exitCode: container.exitCode ?? UNKNOWN_EXIT,
    });
  }
}

/** Jails of ours in which, by the database, nothing runs. */
async function stopStrayJails({ db, runtime }: Engine): Promise<void> {
  const running = new Set<string>(listContainerRecords(db, ["running"]).map(({ id }) => id));
  for (const { name } of await runtime.list()) {
    if (!running.has(name)) await attempt(`jail ${name}, which no container runs in`, () => runtime.stop(name, 0));
  }
}

async function removeDownloads({ layout }: Engine): Promise<void> {
  for (const entry of await readdir(layout.mountpoint)) {
    if (/^download-[A-Za-z0-9]{6}$/.test(entry)) {
      await rm(join(layout.mountpoint, entry), { recursive: true, force: true });
    }
  }
}

/** One object that cannot be put right must not keep the daemon from starting for the others. */
async function attempt(what: string, change: () => Promise<void>): Promise<void> {
  log.info(`cleaning up ${what}`);
  try {
    await change();
  } catch (error) {
    if (error instanceof KleeneError && error.code === "not-found") return;
    log.error(`cannot clean up ${what}: ${describeError(error)}`);
  }
}
