import { chmod } from "node:fs/promises";
import { openDatabase } from "../db/database.ts";
import type { Executor } from "../host/exec.ts";
import { datasetName } from "../host/zfs/names.ts";
import type { Zfs } from "../host/zfs/zfs.ts";
import type { Zpool } from "../host/zpool/zpool.ts";
import type { Platform } from "../platform/platform.ts";
import { Activity } from "./activity.ts";
import type { Engine } from "./engine.ts";
import { ProcessTable } from "./exec/process-table.ts";
import { readLayout } from "./layout.ts";
import { Locks } from "./lock.ts";
import { reconcile } from "./reconcile.ts";

export interface EngineNeeds {
  readonly executor: Executor;
  readonly zfs: Zfs;
  readonly zpool: Zpool;
  readonly platform: Platform;
  /** `zroot/kleene` */
  readonly rootDataset: string;
}

/**
 * Opens the state below the root dataset for this process alone, and brings rows and host into agreement.
 *
 * @throws KleeneError `not-prepared`, `conflict` (another daemon has it), `invalid`
 */
export async function openEngine(needs: EngineNeeds): Promise<Engine & AsyncDisposable> {
  const { executor, zfs, zpool, platform } = needs;
  const layout = await readLayout(zfs, datasetName(needs.rootDataset));
  // An image's or container's setuid programs must not be within reach of the host's users.
  for (const directory of [layout.mountpoint, ...layout.roots]) await chmod(directory, 0o700);
  const db = openDatabase(layout.database);
  try {
    const { runtime, baseUserland, preparation } = platform;
    const engine: Engine = {
      executor,
      runtime,
      baseUserland,
      preparation,
      db,
      zfs,
      zpool,
      layout,
      locks: new Locks(),
      processes: new ProcessTable(),
      activity: new Activity(),
    };
    await reconcile(engine);
    return Object.assign(engine, { [Symbol.asyncDispose]: async () => db[Symbol.dispose]() });
  } catch (error) {
    db[Symbol.dispose]();
    throw error;
  }
}
