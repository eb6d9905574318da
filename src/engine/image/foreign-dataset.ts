import type { Id } from "../../contract/names.ts";
import { KleeneError } from "../../errors.ts";
import {
  type DatasetName,
  datasetName,
  parseSnapshotName,
  type SnapshotName,
  snapshotLabel,
  snapshotName,
} from "../../host/zfs/names.ts";
import type { Zfs } from "../../host/zfs/zfs.ts";
import { Undo } from "../../undo.ts";
import { SNAPSHOT_OWNER } from "./destroy-dataset.ts";

/**
 * Makes `dataset` a copy of the user's `source`, a dataset or one of its snapshots, which it does not depend on.
 *
 * @throws KleeneError `invalid`, `not-found`, `no-space`, `canceled`
 */
export async function copyForeignDataset(
  zfs: Zfs,
  source: string,
  dataset: DatasetName,
  id: Id,
  signal: AbortSignal,
): Promise<void> {
  // A snapshot that we took of the user's dataset goes in any case, one of the user's stays.
  await using undo = new Undo();
  const snapshot = await sourceSnapshot(zfs, source, id, undo);
  await zfs.copy(snapshot, dataset, signal);
  const { label } = parseSnapshotName(snapshot);
  await zfs.destroy(snapshotName(dataset, label));
}

/** Makes `dataset` a clone of the user's `source`, a dataset or one of its snapshots. @throws KleeneError `invalid`, `not-found` */
export async function cloneForeignDataset(zfs: Zfs, source: string, dataset: DatasetName, id: Id): Promise<void> {
  await using undo = new Undo();
  await zfs.clone(await sourceSnapshot(zfs, source, id, undo), dataset);
  // From now on our clone depends on the snapshot; removing the image removes both.
  undo.commit();
}

async function sourceSnapshot(zfs: Zfs, source: string, id: Id, undo: Undo): Promise<SnapshotName> {
  if (source === "") throw new KleeneError("invalid", "the dataset to make the image from is missing");
  if (source.includes("@")) {
    const { dataset, label } = parseSnapshotName(source);
    const snapshot = snapshotName(dataset, label);
    if (!(await zfs.exists(snapshot))) throw new KleeneError("not-found", `the snapshot ${source} does not exist`);
    return snapshot;
  }
  const dataset = datasetName(source);
  if (!(await zfs.exists(dataset))) throw new KleeneError("not-found", `the dataset ${source} does not exist`);
  const snapshot = snapshotName(dataset, snapshotLabel(id));
  await zfs.snapshot(snapshot, { [SNAPSHOT_OWNER]: id });
  undo.add(`snapshot ${snapshot}`, () => zfs.destroy(snapshot));
  return snapshot;
}
