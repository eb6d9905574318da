import type { Id } from "../../contract/names.ts";
import { type FinishedImage, finishImage as finishRow } from "../../db/images.ts";
import { Undo } from "../../undo.ts";
import type { Engine } from "../engine.ts";
import { configProperties, removeImageConfig, writeImageConfig } from "./properties.ts";

/** The last steps of every new image: its configuration beside its data, then the row that makes it visible. */
export async function finishImage(
  { db, zfs, layout }: Pick<Engine, "db" | "zfs" | "layout">,
  id: Id,
  image: FinishedImage,
): Promise<void> {
  await using undo = new Undo();
  undo.add(`configuration of image ${id}`, () => removeImageConfig(layout, id));
  await writeImageConfig(layout, id, image);
  await zfs.set(layout.image(id), configProperties(image));
  finishRow(db, id, image);
  undo.commit();
}
