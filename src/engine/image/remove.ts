import type { Id } from "../../contract/names.ts";
import { findContainersOfImage } from "../../db/containers.ts";
import { deleteImage, findBuildsFrom, type ImageRecord, removeTag, setImageStatus } from "../../db/images.ts";
import { errorCode, KleeneError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { destroyImageDataset } from "./destroy-dataset.ts";
import { requireImage } from "./find.ts";
import { removeImageConfig } from "./properties.ts";
import { parseImageReference } from "./reference.ts";

/**
 * Removes an image; images that were built from it live on. One of several tags only loses that tag.
 *
 * @returns the identifier as it was given, as Kleened does
 * @throws KleeneError `not-found`, `ambiguous`, `in-use` (containers or running builds need it)
 */
export async function removeImage(
  engine: Pick<Engine, "db" | "zfs" | "layout" | "locks">,
  identifier: string,
): Promise<string> {
  const { image } = requireImage(engine.db, identifier);
  const { name, tag } = parseImageReference(identifier);
  const named = image.tags.find((known) => known.name === name && known.tag === (tag ?? "latest"));
  if (named !== undefined && image.tags.length > 1) removeTag(engine.db, named);
  else await removeWholeImage(engine, image);
  return identifier;
}

/** @throws KleeneError `in-use` */
export async function removeWholeImage(
  { db, zfs, layout, locks }: Pick<Engine, "db" | "zfs" | "layout" | "locks">,
  image: ImageRecord,
): Promise<void> {
  // From here to the change of status nothing else runs: a container or build that comes later finds no image.
  refuseIfUsed(image.id, "containers", findContainersOfImage(db, image.id));
  refuseIfUsed(image.id, "builds", findBuildsFrom(db, image.id));
  setImageStatus(db, image.id, "removing");
  try {
    // Promoting moves snapshots between images: one removal at a time.
    await locks.hold("image datasets", () => destroyImageDataset(zfs, layout, image.id));
  } catch (error) {
    setImageStatus(db, image.id, image.status);
    throw new KleeneError(errorCode(error), `cannot remove image ${image.id}`, {
      cause: error,
    });
  }
  await removeImageConfig(layout, image.id);
  deleteImage(db, image.id);
}

function refuseIfUsed(id: Id, what: string, users: readonly Id[]): void {
  if (users.length === 0) return;
  throw new KleeneError("in-use", `could not remove image ${id} since it is used for ${what}:\n${users.join("\n")}`);
}
