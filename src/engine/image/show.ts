import type { Image } from "../../contract/image.ts";
import type { ImageRecord } from "../../db/images.ts";
import type { Layout } from "../layout.ts";

/** An image as the API shows it. */
export function showImage(layout: Layout, image: ImageRecord): Image {
  const first = image.tags[0];
  return {
    id: image.id,
    name: first?.name ?? "",
    tag: first?.tag ?? "",
    cmd: [...image.command],
    env: [...image.env],
    user: image.user,
    instructions: image.instructions.map(({ line, snapshot }) => [line, snapshot]),
    created: image.created,
    dataset: layout.image(image.id),
    workdir: image.workdir,
    tags: image.tags.map(({ name, tag }) => `${name}:${tag}`),
    snapshot: image.snapshot,
  };
}
