import { createExec, startDetached } from "../../client/exec.ts";
import { attach } from "../attach.ts";
import { defineCommand } from "../command.ts";
import { UsageError } from "../command-line.ts";
import { each } from "../each.ts";

export const start = defineCommand({
  meta: { name: "start", description: "Start containers" },
  args: {
    attach: { type: "boolean", alias: "a", description: "stay with the container until its command has ended" },
    detach: { type: "boolean", alias: "d", description: "start in the background, which is the default" },
    containers: { type: "positional", multiple: true, valueHint: "CONTAINER", description: "names or IDs" },
  },
  run: async (args, { connect, program }) => {
    const connection = await connect();
    if (!args.attach) {
      return await each(program, args.containers, async (name) => {
        await startDetached(connection, await createExec(connection, { container_id: name }), true);
        return name;
      });
    }
    const [name = "", ...others] = args.containers;
    if (args.detach) throw new UsageError("--attach and --detach exclude one another");
    if (others.length > 0) throw new UsageError("only one container can be attached");
    return await attach(connection, await createExec(connection, { container_id: name }), true);
  },
});
