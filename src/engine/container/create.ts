import type { ContainerConfig } from "../../contract/container.ts";
import type { Id } from "../../contract/names.ts";
import {
  deleteContainer,
  findContainerByName,
  insertContainer,
  type NewContainer,
  updateContainer,
} from "../../db/containers.ts";
import { KleeneError } from "../../errors.ts";
import { snapshotName } from "../../host/zfs/names.ts";
import { Undo } from "../../undo.ts";
import type { Engine } from "../engine.ts";
import { DEFAULT_PATH, mergeEnvironment } from "../environment.ts";
import { newId, timestamp } from "../id.ts";
import { requireImage } from "../image/find.ts";
import { datasetProperties } from "../image/properties.ts";
import { jailOf } from "./jail.ts";
import { inventName } from "./name.ts";

/**
 * Makes a container: one clone of the image's snapshot. Nothing runs yet.
 *
 * @throws KleeneError `not-found` (the image), `conflict` (the name is taken), `invalid`, `unsupported`, `no-space`
 */
export async function createContainer(
  engine: Pick<Engine, "db" | "zfs" | "layout" | "runtime">,
  config: ContainerConfig,
): Promise<Id> {
  const { db, zfs, layout, runtime } = engine;
  refuseUnsupported(config);
  const { image, snapshot } = requireImage(db, config.image);
  const id = newId();
  const created = timestamp();
  const name = config.name ?? inventName(db);
  if (findContainerByName(db, name) !== undefined) {
    throw new KleeneError("conflict", `the name ${name} is taken by another container`);
  }
  const container: NewContainer = {
    id,
    name,
    imageId: image.id,
    user: config.user || image.user,
    workdir: image.workdir,
    networkDriver: config.network_driver,
    restartPolicy: config.restart_policy ?? "no",
    persist: config.persist,
    autoRemove: config.auto_remove,
    created,
    command: config.cmd?.length ? config.cmd : image.command,
    env: mergeEnvironment([DEFAULT_PATH], image.env, config.env),
    jailParameters: config.jail_param,
  };
  runtime.check(jailOf(layout, container));

  await using undo = new Undo();
  insertContainer(db, container);
  undo.add(`row of container ${id}`, () => deleteContainer(db, id));
  await zfs.clone(
    snapshotName(layout.image(image.id), snapshot),
    layout.container(id),
    datasetProperties("container", id, created),
  );
  undo.add(`dataset ${layout.container(id)}`, () => zfs.destroy(layout.container(id)));
  updateContainer(db, id, { status: "created" });
  undo.commit();
  return id;
}

function refuseUnsupported({ mounts, public_ports, restart_policy }: ContainerConfig): void {
  if (mounts.length > 0) throw new KleeneError("unsupported", "mounts are not supported yet");
  if (restart_policy === "on-startup") throw new KleeneError("unsupported", "restart policies are not supported yet");
  if (public_ports.length > 0) throw new KleeneError("unsupported", "published ports are not supported yet");
}
