import type { ImageCreateConfig } from "../../contract/image.ts";
import type { Id } from "../../contract/names.ts";
import { deleteImage, type FinishedImage, insertCreatingImage } from "../../db/images.ts";
import { KleeneError } from "../../errors.ts";
import { snapshotLabel, snapshotName } from "../../host/zfs/names.ts";
import { Undo } from "../../undo.ts";
import type { Engine } from "../engine.ts";
import { newId, timestamp } from "../id.ts";
import type { Output } from "../output.ts";
import { destroyImageDataset, SNAPSHOT_OWNER } from "./destroy-dataset.ts";
import { fetchArchive } from "./fetch.ts";
import { finishImage } from "./finish.ts";
import { cloneForeignDataset, copyForeignDataset } from "./foreign-dataset.ts";
import { copyHostFiles } from "./host-files.ts";
import { configProperties, datasetProperties } from "./properties.ts";
import { parseNametag } from "./reference.ts";
import { updateUserland } from "./update.ts";

/**
 * Makes a base image: from the host's own release, an archive, or a dataset. Failed or canceled, it leaves nothing.
 *
 * @throws KleeneError `invalid`, `not-found`, `unavailable`, `no-space`, `canceled`, `unsupported`
 */
export async function createImage(
  engine: Engine,
  config: ImageCreateConfig,
  output: Output,
  signal: AbortSignal,
): Promise<Id> {
  using _activity = engine.activity.begin();
  const tag = await chooseTag(engine, config);
  const id = newId();
  const created = timestamp();
  const label = snapshotLabel(id);
  const dataset = engine.layout.image(id);

  await using undo = new Undo();
  insertCreatingImage(engine.db, { id, snapshot: label, parentId: null, created });
  undo.add(`row of image ${id}`, () => deleteImage(engine.db, id));
  undo.add(`dataset ${dataset}`, () => destroyImageDataset(engine.zfs, engine.layout, id));

  await fillDataset(engine, id, config, output, signal);
  const image: FinishedImage = {
    status: "ready",
    snapshot: label,
    user: "",
    workdir: "/",
    tag,
    command: [],
    env: [],
    instructions: [],
  };
  await engine.zfs.set(dataset, { ...datasetProperties("image", id, created), ...configProperties(image) });
  const root = engine.layout.imageRoot(id);
  if (config.dns) await copyHostFiles(root, engine.baseUserland.dnsFiles);
  if (config.localtime) await copyHostFiles(root, engine.baseUserland.localtimeFiles);
  if (config.update) await updateUserland(engine, id, output, signal);

  if (signal.aborted) throw new KleeneError("canceled", "the image's creation was canceled");
  await engine.zfs.snapshot(snapshotName(dataset, label), { [SNAPSHOT_OWNER]: id });
  await finishImage(engine, id, image);
  undo.commit();
  return id;
}

async function chooseTag(
  { baseUserland }: Pick<Engine, "baseUserland">,
  { tag, autotag, method }: ImageCreateConfig,
): Promise<{ name: string; tag: string } | undefined> {
  if (tag !== "") return parseNametag(tag);
  return autotag && method === "fetch-auto" ? await baseUserland.nametag() : undefined;
}

async function fillDataset(
  engine: Engine,
  id: Id,
  config: ImageCreateConfig,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { zfs, layout, baseUserland } = engine;
  const dataset = layout.image(id);
  switch (config.method) {
    case "fetch-auto":
      await zfs.create(dataset);
      await baseUserland.install(layout.imageRoot(id), (text) => output.bytes("stdout", Buffer.from(text)), signal);
      return;
    case "fetch":
      await zfs.create(dataset);
      await fetchArchive(engine, config, layout.imageRoot(id), output, signal);
      return;
    case "zfs-copy":
      await copyForeignDataset(zfs, config.zfs_dataset, dataset, id, signal);
      return;
    case "zfs-clone":
      await cloneForeignDataset(zfs, config.zfs_dataset, dataset, id);
      return;
    default:
      config.method satisfies never;
  }
}
