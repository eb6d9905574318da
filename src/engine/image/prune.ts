import { listImageRecords } from "../../db/images.ts";
import { errorCode } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { removeWholeImage } from "./remove.ts";

/** Removes the images without a tag, with `all` every image that no container uses. @returns the IDs of the removed */
export async function pruneImages(
  engine: Pick<Engine, "db" | "zfs" | "layout" | "locks">,
  { all }: { all: boolean },
): Promise<string[]> {
  const removed: string[] = [];
  for (const image of listImageRecords(engine.db)) {
    if (!all && image.tags.length > 0) continue;
    try {
      await removeWholeImage(engine, image);
      removed.push(image.id);
    } catch (error) {
      if (errorCode(error) !== "in-use") throw error;
    }
  }
  return removed;
}
