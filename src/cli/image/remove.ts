import { removeImage } from "../../client/image.ts";
import { defineCommand } from "../command.ts";
import { each } from "../each.ts";

export const remove = defineCommand({
  meta: { name: "rm", description: "Remove images" },
  args: {
    force: { type: "boolean", alias: "f", description: "one that does not exist is no failure" },
    images: { type: "positional", multiple: true, valueHint: "IMAGE", description: "names or IDs" },
  },
  run: async ({ force, images }, { connect, program }) => {
    const connection = await connect();
    const removal = async (name: string) => {
      await removeImage(connection, name);
      return name;
    };
    return await each(program, images, removal, { ignoreMissing: force });
  },
});
