import { randomBytes } from "node:crypto";
import type { Id } from "../contract/names.ts";
import { type SnapshotLabel, snapshotLabel } from "../host/zfs/names.ts";

/** A new random ID: twelve hex digits, one of them a letter, since jail(8) takes a name of digits alone for a jid. */
export function newId(): Id {
  const id = randomBytes(6).toString("hex");
  return /[a-f]/.test(id) ? (id as Id) : newId();
}

/** A new name for the snapshot of a build's instruction. */
export function newSnapshotLabel(): SnapshotLabel {
  return snapshotLabel(newId());
}

/** Now, in the form in which every time is stored and sent: UTC, microseconds, `Z`. */
export function timestamp(now = new Date()): string {
  // Date counts milliseconds; the rest is the form's.
  return now.toISOString().replace("Z", "000Z");
}
