import { tagImage } from "../../client/image.ts";
import { defineCommand } from "../command.ts";
import { print } from "../standard-output.ts";

export const tag = defineCommand({
  meta: { name: "tag", description: "Give an image another name and tag" },
  args: {
    image: { type: "positional", valueHint: "IMAGE", description: "a name or ID" },
    nametag: { type: "positional", valueHint: "NAME[:TAG]", description: "the new name (default tag: latest)" },
  },
  run: async ({ image, nametag }, { connect }) => {
    await print(await tagImage(await connect(), image, nametag));
    return 0;
  },
});
