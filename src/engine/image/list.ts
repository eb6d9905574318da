import type { Image } from "../../contract/image.ts";
import { listImageRecords } from "../../db/images.ts";
import type { Engine } from "../engine.ts";
import { showImage } from "./show.ts";

/** Every image, newest first; one with several tags comes once for each of them. */
export function listImages({ db, layout }: Pick<Engine, "db" | "layout">): readonly Image[] {
  return listImageRecords(db).flatMap((record) => {
    const image = showImage(layout, record);
    return record.tags.length < 2 ? [image] : record.tags.map(({ name, tag }) => ({ ...image, name, tag }));
  });
}
