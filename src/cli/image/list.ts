import { listImages } from "../../client/image.ts";
import type { Image } from "../../contract/image.ts";
import { defineCommand } from "../command.ts";
import { age, table } from "../output.ts";
import { print, printJson } from "../standard-output.ts";

export const list = defineCommand({
  meta: { name: "ls", description: "List images" },
  args: {
    quiet: { type: "boolean", alias: "q", description: "only IDs" },
    json: { type: "boolean", description: "as JSON" },
  },
  run: async ({ quiet, json }, { connect }) => {
    const images = await listImages(await connect());
    if (json) await printJson(images);
    else if (!quiet) await print(imageTable(images));
    else if (images.length > 0) await print(images.map(({ id }) => id).join("\n"));
    return 0;
  },
});

export function imageTable(images: readonly Image[], now = Date.now()): string {
  return table(
    ["NAME", "TAG", "ID", "CREATED"],
    images.map(({ name, tag, id, created }) => [name, tag, id, age(created, now)]),
  );
}
