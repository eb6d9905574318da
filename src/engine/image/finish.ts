import type { Id } from "../../contract/names.ts";
import { type FinishedImage, finishImage as finishRow } from "../../db/images.ts";
import type { Engine } from "../engine.ts";
import { configProperties, writeImageConfig } from "./properties.ts";

/** The last steps of every new image: its configuration beside its data, then the row that makes it visible. */
export async function finishImage(
  { db, zfs, layout }: Pick<Engine, "db" | "zfs" | "layout">,
  id: Id,
  image: FinishedImage,
): Promise<void> {
  await Promise.all([zfs.set(layout.image(id), configProperties(image)), writeImageConfig(layout, id, image)]);
  finishRow(db, id, image);
}
