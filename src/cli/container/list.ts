import { listContainers } from "../../client/container.ts";
import type { ContainerSummary } from "../../contract/container.ts";
import { defineCommand } from "../command.ts";
import { age, shorten, table } from "../output.ts";
import { print, printJson } from "../standard-output.ts";

const COMMAND_WIDTH = 40;

export const list = defineCommand({
  meta: { name: "ls", description: "List containers" },
  args: {
    all: { type: "boolean", alias: "a", description: "those that do not run, too" },
    quiet: { type: "boolean", alias: "q", description: "only IDs" },
    json: { type: "boolean", description: "as JSON" },
  },
  run: async ({ all, quiet, json }, { connect }) => {
    const containers = await listContainers(await connect(), { all });
    if (json) await printJson(containers);
    else if (!quiet) await print(containerTable(containers));
    else if (containers.length > 0) await print(containers.map(({ id }) => id).join("\n"));
    return 0;
  },
});

const HEAD = ["ID", "NAME", "IMAGE", "COMMAND", "CREATED", "STATUS", "JID"] as const;

export function containerTable(containers: readonly ContainerSummary[], now = Date.now()): string {
  return table(
    HEAD,
    containers.map((container) => [
      container.id,
      container.name,
      imageOf(container),
      shorten((container.cmd ?? []).join(" "), COMMAND_WIDTH),
      age(container.created, now),
      statusOf(container, now),
      container.jid === null ? "" : String(container.jid),
    ]),
  );
}

function imageOf({ image_name, image_tag, image_id }: ContainerSummary): string {
  if (image_name === "") return image_id;
  return image_tag === "" || image_tag === "latest" ? image_name : `${image_name}:${image_tag}`;
}

/** `up 3 minutes`, `exited (1) 2 hours ago`, `created`. */
function statusOf({ status, running, started, finished, exit_code }: ContainerSummary, now: number): string {
  if (running) return started ? `up ${age(started, now).replace(/ ago$/, "")}` : "up";
  if (status !== "exited") return status ?? "stopped";
  const code = exit_code === null ? "" : ` (${exit_code})`;
  return `exited${code}${finished ? ` ${age(finished, now)}` : ""}`;
}
