import { createExec, startDetached } from "../../client/exec.ts";
import { attach } from "../attach.ts";
import { defineCommand } from "../command.ts";
import { PROCESS_OPTIONS } from "../container-options.ts";
import { environmentVariables } from "../environment.ts";
import { PLANNED_TERMINAL } from "../planned.ts";
import { print } from "../standard-output.ts";

export const exec = defineCommand({
  meta: { name: "exec", description: "Run a further command in a running container" },
  args: {
    detach: { type: "boolean", alias: "d", description: "run in the background and print the execution instance's ID" },
    ...PROCESS_OPTIONS,
    ...PLANNED_TERMINAL,
    container: { type: "positional", valueHint: "CONTAINER", description: "a name or ID" },
    command: { type: "positional", multiple: true, valueHint: "COMMAND", description: "the command and its arguments" },
  },
  optionsFirst: true,
  examples: ["kleene exec web ps aux", "kleene exec -u root -e A=1 web sh -c 'echo $A'"],
  run: async (args, { connect }) => {
    const connection = await connect();
    const execId = await createExec(connection, {
      container_id: args.container,
      cmd: [...args.command],
      env: environmentVariables(args.env),
      user: args.user ?? "",
    });
    if (!args.detach) return await attach(connection, execId, false);
    await startDetached(connection, execId, false);
    await print(execId);
    return 0;
  },
});
