import { stopContainer } from "../../client/container.ts";
import { defineCommand } from "../command.ts";
import { each } from "../each.ts";
import { parseSeconds } from "../quantity.ts";

export const stop = defineCommand({
  meta: { name: "stop", description: "Stop running containers" },
  args: {
    time: {
      type: "string",
      alias: ["t", "timeout"],
      valueHint: "SECONDS",
      description: "kill what still runs after so many seconds",
    },
    containers: { type: "positional", multiple: true, valueHint: "CONTAINER", description: "names or IDs" },
  },
  run: async (args, { connect, program }) => {
    const timeout = args.time === undefined ? undefined : parseSeconds("--time", args.time);
    const connection = await connect();
    return await each(program, args.containers, async (name) => {
      await stopContainer(connection, name, timeout);
      return name;
    });
  },
});
