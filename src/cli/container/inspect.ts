import { inspectContainer } from "../../client/container.ts";
import { defineCommand } from "../command.ts";
import { printInspection } from "../inspection.ts";

export const inspect = defineCommand({
  meta: { name: "inspect", description: "Show everything about containers, as JSON" },
  args: {
    containers: { type: "positional", multiple: true, valueHint: "CONTAINER", description: "names or IDs" },
  },
  run: async ({ containers }, { connect }) => {
    const connection = await connect();
    return await printInspection(containers, (name) => inspectContainer(connection, name));
  },
});
