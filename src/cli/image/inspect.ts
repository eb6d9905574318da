import { inspectImage } from "../../client/image.ts";
import { defineCommand } from "../command.ts";
import { printJson } from "../standard-output.ts";

export const inspect = defineCommand({
  meta: { name: "inspect", description: "Show everything about images, as JSON" },
  args: { images: { type: "positional", multiple: true, valueHint: "IMAGE", description: "names or IDs" } },
  run: async ({ images }, { connect }) => {
    const connection = await connect();
    const found = [];
    for (const name of images) found.push(await inspectImage(connection, name));
    await printJson(found.length === 1 ? found[0] : found);
    return 0;
  },
});
