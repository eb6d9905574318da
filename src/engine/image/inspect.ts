import type { Image } from "../../contract/image.ts";
import type { Engine } from "../engine.ts";
import { requireImage } from "./find.ts";
import { showImage } from "./show.ts";

/** @throws KleeneError `not-found`, `ambiguous`, `invalid` */
export function inspectImage({ db, layout }: Pick<Engine, "db" | "layout">, identifier: string): Image {
  return showImage(layout, requireImage(db, identifier).image);
}
