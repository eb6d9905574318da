import type { Brand } from "../../brand.ts";
import { KleeneError } from "../../errors.ts";

/** `pool/kleene/image/0123456789ab`: safe to stand as an argument of zfs(8). */
export type DatasetName = Brand<string, "DatasetName">;
/** `pool/kleene/image/0123456789ab@4567...`. */
export type SnapshotName = Brand<string, "SnapshotName">;
/** The part after the `@`. */
export type SnapshotLabel = Brand<string, "SnapshotLabel">;

// zfs(8) itself also takes spaces and a leading "-"; neither is safe in an argument or a path.
const COMPONENT = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/;
const MAX_LENGTH = 255;

/** Joins the parts into a dataset's name. @throws KleeneError `invalid` for anything but plain components */
export function datasetName(...parts: readonly string[]): DatasetName {
  const name = parts.join("/");
  const components = name.split("/");
  if (name.length > MAX_LENGTH || !components.every((component) => COMPONENT.test(component))) {
    throw new KleeneError("invalid", `"${name}" is not a dataset's name`);
  }
  return name as DatasetName;
}

/** @throws KleeneError `invalid` */
export function snapshotLabel(text: string): SnapshotLabel {
  if (!COMPONENT.test(text)) throw new KleeneError("invalid", `"${text}" is not a snapshot's name`);
  return text as SnapshotLabel;
}

/** @throws KleeneError `invalid` when both together are too long */
export function snapshotName(dataset: DatasetName, label: SnapshotLabel): SnapshotName {
  const name = `${dataset}@${label}`;
  if (name.length > MAX_LENGTH) throw new KleeneError("invalid", `the snapshot's name "${name}" is too long`);
  return name as SnapshotName;
}

/** Splits `dataset@label`. @throws KleeneError `invalid` */
export function parseSnapshotName(text: string): { dataset: DatasetName; label: SnapshotLabel } {
  const at = text.indexOf("@");
  if (at < 0) throw new KleeneError("invalid", `"${text}" is not a snapshot: it has no "@"`);
  const dataset = datasetName(text.slice(0, at));
  const label = snapshotLabel(text.slice(at + 1));
  snapshotName(dataset, label);
  return { dataset, label };
}

/** The pool that a dataset lies in. */
export function poolOf(dataset: DatasetName): string {
  return dataset.split("/")[0] as string;
}
