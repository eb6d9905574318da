import type { Connection } from "../client/connection.ts";
import { inspectContainer } from "../client/container.ts";
import { inspectImage } from "../client/image.ts";
import { errorCode, KleeneError } from "../errors.ts";
import { defineCommand } from "./command.ts";
import { printInspection } from "./inspection.ts";

export const inspect = defineCommand({
  meta: { name: "inspect", description: "Show everything about containers or images, as JSON" },
  args: { objects: { type: "positional", multiple: true, valueHint: "NAME", description: "names or IDs" } },
  run: async ({ objects }, { connect }) => {
    const connection = await connect();
    return await printInspection(objects, (name) => inspectAny(connection, name));
  },
});

/** A container goes before an image of the same name. */
async function inspectAny(connection: Connection, name: string): Promise<unknown> {
  for (const look of [inspectContainer, inspectImage]) {
    try {
      return await look(connection, name);
    } catch (error) {
      if (errorCode(error) !== "not-found") throw error;
    }
  }
  throw new KleeneError("not-found", `there is no container or image ${name}`);
}
