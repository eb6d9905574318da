import type { ContainerSummary } from "../../contract/container.ts";
import { listContainerRecords } from "../../db/containers.ts";
import { listTags } from "../../db/images.ts";
import type { Engine } from "../engine.ts";
import { showContainer } from "./show.ts";

/** Containers, newest first; without `all`, those that run. However many: one look at the host, a few queries. */
export async function listContainers(
  { db, layout, runtime }: Pick<Engine, "db" | "layout" | "runtime">,
  { all }: { all: boolean },
): Promise<readonly ContainerSummary[]> {
  const records = listContainerRecords(db, all ? ["created", "running", "exited", "removing"] : ["running"]);
  const running = records.some(({ status }) => status === "running") ? await runtime.list() : [];
  const jids = new Map<string, number | null>(running.map(({ name, jid }) => [name, jid]));
  const tags = listTags(db);
  return records.map((record) => ({
    ...showContainer(layout, record),
    image_name: tags.get(record.imageId)?.name ?? "",
    image_tag: tags.get(record.imageId)?.tag ?? "",
    jid: jids.get(record.id) ?? null,
  }));
}
