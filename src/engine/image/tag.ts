import type { Id } from "../../contract/names.ts";
import { setTag } from "../../db/images.ts";
import type { Engine } from "../engine.ts";
import { requireImage } from "./find.ts";
import { parseNametag } from "./reference.ts";

/**
 * Gives an image one more `NAME[:TAG]`; an image that had it before loses it.
 *
 * @throws KleeneError `not-found`, `ambiguous`, `invalid`
 */
export function tagImage({ db }: Pick<Engine, "db">, identifier: string, nametag: string): Id {
  const { image } = requireImage(db, identifier);
  setTag(db, image.id, parseNametag(nametag));
  return image.id;
}
