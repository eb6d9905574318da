import { inspectContainer } from "../../client/container.ts";
import { defineCommand } from "../command.ts";
import { printJson } from "../standard-output.ts";

export const inspect = defineCommand({
  meta: { name: "inspect", description: "Show everything about containers, as JSON" },
  args: {
    containers: { type: "positional", multiple: true, valueHint: "CONTAINER", description: "names or IDs" },
  },
  run: async ({ containers }, { connect }) => {
    const connection = await connect();
    const found = [];
    for (const name of containers) found.push(await inspectContainer(connection, name));
    await printJson(found.length === 1 ? found[0] : found);
    return 0;
  },
});
