import type { SystemInfo } from "../../contract/system.ts";
import { countContainers } from "../../db/containers.ts";
import { countImages } from "../../db/images.ts";
import { poolOf } from "../../host/zfs/names.ts";
import type { Engine } from "../engine.ts";

/** What `kleene info` shows, save for what only the daemon knows of itself. */
export async function systemInfo({
  db,
  zpool,
  layout,
  preparation,
}: Pick<Engine, "db" | "zpool" | "layout" | "preparation">): Promise<Omit<SystemInfo, "daemon" | "pid" | "started">> {
  const [pools, host] = await Promise.all([zpool.list(), preparation.facts()]);
  const name = poolOf(layout.root);
  const pool = pools.find((each) => each.name === name);
  return {
    host: [...host],
    root_dataset: layout.root,
    mountpoint: layout.mountpoint,
    pool: { name, size: pool?.size ?? 0, free: pool?.free ?? 0, health: pool?.health ?? "UNAVAIL" },
    images: countImages(db),
    containers: countContainers(db),
    containers_running: countContainers(db, "running"),
  };
}
