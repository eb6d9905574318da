import type { Id } from "../../contract/names.ts";
import { KleeneError } from "../../errors.ts";
import { type DatasetName, datasetName, parseSnapshotName, poolOf, snapshotName } from "../../host/zfs/names.ts";
import type { Zfs } from "../../host/zfs/zfs.ts";
import type { Layout } from "../layout.ts";

/** On every snapshot of Kleene's: the image that it was taken for. It outlives a promotion, which moves the snapshot. */
export const SNAPSHOT_OWNER = "kleene:image";

/**
 * Destroys an image's dataset. ZFS keeps a snapshot that has clones, so each clone is promoted first: the snapshots it
 * depends on become its own, and those of them that no other clone needs are destroyed.
 *
 * The caller has made sure that no container depends on the image, and holds the lock of the images' datasets.
 */
export async function destroyImageDataset(zfs: Zfs, layout: Layout, id: Id): Promise<void> {
  const dataset = layout.image(id);
  if (!(await zfs.exists(dataset))) return;
  const touched = new Set<DatasetName>();
  for (;;) {
    const clone = (await findClones(zfs, dataset))[0];
    if (clone === undefined) break;
    await zfs.promote(clone);
    touched.add(clone);
  }
  const origin = (await zfs.get(dataset, ["origin"]))?.origin;
  if (origin !== undefined) touched.add(parseSnapshotName(origin).dataset);
  await zfs.destroy(dataset, { recursive: true });
  for (const other of touched) await destroyLeftSnapshots(zfs, layout, other, id);
}

/** The datasets of the pool whose origin is a snapshot of `dataset`; `origin` is all that every ZFS can tell. */
async function findClones(zfs: Zfs, dataset: DatasetName): Promise<DatasetName[]> {
  const all = await zfs.list(datasetName(poolOf(dataset)), { types: ["filesystem"], properties: ["origin"] });
  return all
    .filter(({ properties }) => properties.origin?.startsWith(`${dataset}@`))
    .map(({ name }) => datasetName(name));
}

/**
 * Destroys the snapshots in `dataset` that were taken for the removed image, or came to it from images removed
 * earlier, and that nothing is cloned from.
 */
async function destroyLeftSnapshots(zfs: Zfs, layout: Layout, dataset: DatasetName, removed: Id): Promise<void> {
  const isImage = dataset.startsWith(`${layout.root}/image/`);
  const snapshots = await zfs.list(dataset, { types: ["snapshot"], properties: [SNAPSHOT_OWNER], depth: 1 });
  for (const { name, properties } of snapshots) {
    const owner = properties[SNAPSHOT_OWNER];
    if (owner === undefined) continue;
    const left = owner === removed || (isImage && dataset !== datasetName(layout.root, "image", owner));
    if (!left) continue;
    const { label } = parseSnapshotName(name);
    try {
      await zfs.destroy(snapshotName(dataset, label));
    } catch (error) {
      if (!(error instanceof KleeneError && error.code === "in-use")) throw error;
    }
  }
}
