import type { Database } from "../db/database.ts";
import type { Executor } from "../host/exec.ts";
import type { Zfs } from "../host/zfs/zfs.ts";
import type { Zpool } from "../host/zpool/zpool.ts";
import type { Platform } from "../platform/platform.ts";
import type { Activity } from "./activity.ts";
import type { ProcessTable } from "./exec/process-table.ts";
import type { Layout } from "./layout.ts";
import type { Locks } from "./lock.ts";

/** What an operation may pick from: `{ db, zfs }: Pick<Engine, "db" | "zfs">`. */
export interface Engine extends Pick<Platform, "runtime" | "baseUserland" | "preparation"> {
  readonly executor: Executor;
  readonly db: Database;
  readonly zfs: Zfs;
  readonly zpool: Zpool;
  /** Where things lie: dataset names, mountpoints, directories. */
  readonly layout: Layout;
  /** One change at a time per object. */
  readonly locks: Locks;
  /** The running execution instances. */
  readonly processes: ProcessTable;
  /** What keeps a daemon that started by itself from ending by itself. */
  readonly activity: Activity;
}
