import { VERSION_INFO } from "../../version.ts";
import { defineCommand } from "../command.ts";
import { facts } from "../output.ts";
import { print, printJson } from "../standard-output.ts";

export const version = defineCommand({
  meta: { name: "version", description: "Show the version of this executable" },
  args: { json: { type: "boolean", description: "as JSON" } },
  run: async ({ json }) => {
    if (json) await printJson(VERSION_INFO);
    else await print(facts([["kleene", VERSION_INFO.version], ...rest()]));
    return 0;
  },
});

function rest(): [string, string][] {
  return [
    ["commit", VERSION_INFO.commit],
    ["target", VERSION_INFO.target],
    ["bun", VERSION_INFO.bun],
  ];
}
