import type { Id } from "../../contract/names.ts";
import { type FinishedImage, finishImage as finishRow } from "../../db/images.ts";
import { Undo } from "../../undo.ts";
import type { Engine } from "../engine.ts";
import { removeImageConfig, writeImageConfig } from "./properties.ts";

/** The last steps of every new image: its whole configuration in a file, then the row that makes it visible. */
export async function finishImage(
  { db, layout }: Pick<Engine, "db" | "layout">,
  id: Id,
  image: FinishedImage,
): Promise<void> {
  await using undo = new Undo();
  undo.add(`configuration of image ${id}`, () => removeImageConfig(layout, id));
  await writeImageConfig(layout, id, image);
  finishRow(db, id, image);
  undo.commit();
}
