import type { Connection } from "../../client/connection.ts";
import { createContainer, removeContainer } from "../../client/container.ts";
import { createExec, isStartFailure, startDetached } from "../../client/exec.ts";
import { attach } from "../attach.ts";
import { defineCommand } from "../command.ts";
import { CONTAINER_OPTIONS, containerRequest } from "../container-options.ts";
import { print } from "../standard-output.ts";

export const run = defineCommand({
  meta: { name: "run", description: "Make a container from an image and run a command in it" },
  args: {
    detach: { type: "boolean", alias: "d", description: "run in the background and print the container's ID" },
    ...CONTAINER_OPTIONS,
  },
  optionsFirst: true,
  examples: [
    "kleene run --rm base ls -l /",
    "kleene run -d --name web -e PORT=8000 hello",
    "kleene run base@4f1c9a2e77b0 sh -c 'echo from a snapshot'",
  ],
  run: async (args, { connect }) => {
    const connection = await connect();
    const id = await createContainer(connection, containerRequest(args));
    let started = false;
    try {
      const execId = await createExec(connection, { container_id: id });
      started = true;
      if (!args.detach) return await attach(connection, execId, true);
      await startDetached(connection, execId, true);
    } catch (error) {
      // One that never ran is of no use, and keeps its name from the next attempt.
      if (args.rm || !started || isStartFailure(error)) await removeQuietly(connection, id);
      throw error;
    }
    await print(id);
    return 0;
  },
});

/** After a failure that is worth more than this one's; usually the daemon has removed it already. */
async function removeQuietly(connection: Connection, id: string): Promise<void> {
  try {
    await removeContainer(connection, id, { force: true });
  } catch {}
}
