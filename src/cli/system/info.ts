import { systemInfo } from "../../client/system.ts";
import type { SystemInfo } from "../../contract/system.ts";
import { defineCommand } from "../command.ts";
import { age, facts, size } from "../output.ts";
import { print, printJson } from "../standard-output.ts";

export const info = defineCommand({
  meta: { name: "info", description: "Show the daemon, its host and what it keeps" },
  args: { json: { type: "boolean", description: "as JSON" } },
  run: async ({ json }, { connect }) => {
    const answer = await systemInfo(await connect());
    if (json) await printJson(answer);
    else await print(infoText(answer));
    return 0;
  },
});

export function infoText(info: SystemInfo, now = Date.now()): string {
  const { daemon, pool } = info;
  return facts([
    ["daemon", `${daemon.version} (${daemon.commit}, ${daemon.target}, bun ${daemon.bun})`],
    ["process", `${info.pid}, started ${age(info.started, now)}`],
    ...info.host.map(({ name, value }) => [name, value] as const),
    ["pool", `${pool.name}, ${size(pool.free)} free of ${size(pool.size)}, ${pool.health}`],
    ["root dataset", `${info.root_dataset} on ${info.mountpoint}`],
    ["images", String(info.images)],
    ["containers", `${info.containers}, ${info.containers_running} running`],
  ]);
}
