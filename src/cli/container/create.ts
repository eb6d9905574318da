import { createContainer } from "../../client/container.ts";
import { defineCommand } from "../command.ts";
import { CONTAINER_OPTIONS, containerRequest } from "../container-options.ts";
import { print } from "../standard-output.ts";

export const create = defineCommand({
  meta: { name: "create", description: "Make a container from an image, without starting it" },
  args: CONTAINER_OPTIONS,
  optionsFirst: true,
  run: async (args, { connect }) => {
    await print(await createContainer(await connect(), containerRequest(args)));
    return 0;
  },
});
