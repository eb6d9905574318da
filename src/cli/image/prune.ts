import { pruneImages } from "../../client/image.ts";
import { defineCommand } from "../command.ts";
import { confirmRemoval } from "../question.ts";
import { print } from "../standard-output.ts";

export const prune = defineCommand({
  meta: { name: "prune", description: "Remove the images that have no tag" },
  args: {
    all: { type: "boolean", alias: "a", description: "those with a tag too, if no container uses them" },
    force: { type: "boolean", alias: "f", description: "do not ask" },
  },
  run: async ({ all, force }, { connect }) => {
    const what = all ? "all images that no container uses" : "all images without a tag";
    if (!force && !(await confirmRemoval(`Remove ${what}?`))) return 0;
    const removed = await pruneImages(await connect(), { all });
    if (removed.length > 0) await print(removed.join("\n"));
    return 0;
  },
});
