import { pruneContainers } from "../../client/container.ts";
import { defineCommand } from "../command.ts";
import { confirmRemoval } from "../question.ts";
import { print } from "../standard-output.ts";

export const prune = defineCommand({
  meta: { name: "prune", description: "Remove the containers that do not run" },
  args: { force: { type: "boolean", alias: "f", description: "do not ask" } },
  run: async ({ force }, { connect }) => {
    if (!force && !(await confirmRemoval("Remove all containers that do not run?"))) return 0;
    const removed = await pruneContainers(await connect());
    if (removed.length > 0) await print(removed.join("\n"));
    return 0;
  },
});
