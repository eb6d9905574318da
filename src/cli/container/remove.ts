import { removeContainer } from "../../client/container.ts";
import { defineCommand } from "../command.ts";
import { each } from "../each.ts";

export const remove = defineCommand({
  meta: { name: "rm", description: "Remove containers" },
  args: {
    force: {
      type: "boolean",
      alias: "f",
      description: "stop running ones first; one that does not exist is no failure",
    },
    containers: { type: "positional", multiple: true, valueHint: "CONTAINER", description: "names or IDs" },
  },
  run: async ({ force, containers }, { connect, program }) => {
    const connection = await connect();
    const removal = async (name: string) => {
      await removeContainer(connection, name, { force });
      return name;
    };
    return await each(program, containers, removal, { ignoreMissing: force });
  },
});
