import { inspectImage } from "../../client/image.ts";
import { defineCommand } from "../command.ts";
import { printInspection } from "../inspection.ts";

export const inspect = defineCommand({
  meta: { name: "inspect", description: "Show everything about images, as JSON" },
  args: { images: { type: "positional", multiple: true, valueHint: "IMAGE", description: "names or IDs" } },
  run: async ({ images }, { connect }) => {
    const connection = await connect();
    return await printInspection(images, (name) => inspectImage(connection, name));
  },
});
