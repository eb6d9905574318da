import type { Database } from "../../db/database.ts";
import { findImage, findImageByTag, findImageIds, type ImageRecord } from "../../db/images.ts";
import { KleeneError } from "../../errors.ts";
import type { SnapshotLabel } from "../../host/zfs/names.ts";
import { findByPrefix, isWholeId } from "../prefix.ts";
import { parseImageReference } from "./reference.ts";

/** An image that a user named, and the snapshot of it that is meant. */
export interface FoundImage {
  readonly image: ImageRecord;
  readonly snapshot: SnapshotLabel;
}

/**
 * Finds `NAME[:TAG][@SNAPSHOT]`, an ID or the beginning of one. An ID wins over a tag, a tag over an ID's beginning.
 *
 * @throws KleeneError `not-found`, `ambiguous`, `invalid`
 */
export function requireImage(db: Database, identifier: string): FoundImage {
  const { name, tag, snapshot } = parseImageReference(identifier);
  const image =
    (tag === undefined && isWholeId(name) ? byId(db, name) : undefined) ??
    findImageByTag(db, { name, tag: tag ?? "latest" }) ??
    (tag === undefined ? byId(db, name) : undefined);
  if (image === undefined || (image.status !== "ready" && image.status !== "failed")) {
    throw new KleeneError("not-found", `image not found: ${identifier}`);
  }
  if (snapshot === undefined) return { image, snapshot: image.snapshot };
  const known = snapshot === image.snapshot || image.instructions.some((line) => line.snapshot === snapshot);
  if (!known) throw new KleeneError("not-found", `the image ${name} has no snapshot @${snapshot}`);
  return { image, snapshot };
}

function byId(db: Database, prefix: string): ImageRecord | undefined {
  const id = findByPrefix(prefix, () => findImageIds(db, prefix), "images");
  return id === undefined ? undefined : findImage(db, id);
}
