import { existsSync } from "node:fs";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { describeError, errorCode, KleeneError } from "../errors.ts";
import { type DatasetName, datasetName, poolOf } from "../host/zfs/names.ts";
import type { Zfs } from "../host/zfs/zfs.ts";
import { type PoolName, poolName } from "../host/zpool/names.ts";
import { createPoolFile } from "../host/zpool/pool-file.ts";
import type { Zpool } from "../host/zpool/zpool.ts";
import { attempt, type Check, type PreparationOptions } from "./preparation.ts";
import { mountRootDataset, prepareRootDataset } from "./root-dataset-preparation.ts";

export interface Storage {
  readonly zfs: Zfs;
  readonly zpool: Zpool;
}

export interface StoragePlace {
  /** The file behind a pool that Kleene makes itself. */
  readonly poolFile: string;
  /** Where the pool made in the file is mounted. Default: `/<pool>`. */
  readonly mountpoint?: string;
}

const SMALLEST_POOL = 128 * 2 ** 20;
/** The most of a disk's free space that a pool of ours is given. */
const SHARE_OF_DISK = 0.8;

/**
 * Makes a pool and, in it, the root dataset with its folders. The pool is the one that exists; else the one in Kleene's
 * own pool file, imported; else a new one in that file. A pool or dataset of somebody else's is never changed.
 */
export async function* prepareStorage(
  storage: Storage,
  options: PreparationOptions,
  place: StoragePlace,
): AsyncGenerator<Check> {
  let root: DatasetName;
  let pool: PoolName;
  try {
    root = datasetName(options.rootDataset);
    pool = poolName(poolOf(root));
  } catch (error) {
    yield { name: "pool", outcome: "failed", detail: describeError(error) };
    return;
  }
  const made = await attempt("pool", () => preparePool(storage.zpool, pool, options, place));
  yield made;
  if (made.outcome === "failed") {
    yield { name: "root dataset", outcome: "failed", detail: `needs the pool ${pool}` };
  } else if (made.outcome === "planned") {
    yield { name: "root dataset", outcome: "planned", detail: `create ${root}` };
  } else {
    yield await attempt("root dataset", () => prepareRootDataset(storage.zfs, root, options));
  }
}

async function preparePool(
  zpool: Zpool,
  pool: PoolName,
  options: PreparationOptions,
  place: StoragePlace,
): Promise<Check> {
  const name = "pool";
  const { poolFile } = place;
  const existing = (await zpool.list()).find((candidate) => candidate.name === pool);
  if (existing !== undefined) {
    const detail = `${pool}, ${formatSize(existing.free)} free of ${formatSize(existing.size)}, ${existing.health}`;
    if (existing.health === "ONLINE" || existing.health === "DEGRADED") return { name, outcome: "ok", detail };
    return { name, outcome: "failed", detail, remedy: `zpool status -x ${pool}` };
  }

  if (existsSync(poolFile)) {
    if (options.dryRun) return { name, outcome: "planned", detail: `import ${pool} from ${poolFile}` };
    const problem = await importPool(zpool, pool, poolFile);
    if (problem === undefined) return { name, outcome: "done", detail: `imported ${pool} from ${poolFile}` };
    if (!existsSync(unfinishedMark(poolFile))) {
      const detail = `cannot import ${pool} from ${poolFile}: ${describeError(problem)}`;
      return { name, outcome: "failed", detail, remedy: `zpool import -d ${dirname(poolFile)}` };
    }
  }

  const size = await affordableSize(options.poolSize, poolFile);
  if (size < SMALLEST_POOL) {
    const detail = `${formatSize(size)} is too little for a pool in ${dirname(poolFile)}; at least ${formatSize(SMALLEST_POOL)} is needed`;
    return { name, outcome: "failed", detail, remedy: "kleene init --pool NAME" };
  }
  const what = `a pool ${pool} of ${formatSize(size)} in the file ${poolFile}`;
  if (options.dryRun) return { name, outcome: "planned", detail: `create ${what}` };
  if (!(await options.confirm(`Create ${what}?`))) {
    return { name, outcome: "failed", detail: `there is no pool ${pool}`, remedy: "kleene init --yes" };
  }
  await createPool(zpool, pool, size, place);
  return { name, outcome: "done", detail: `created ${what}` };
}

/** The error, or undefined when the pool is there now. */
async function importPool(zpool: Zpool, pool: PoolName, poolFile: string): Promise<unknown> {
  try {
    await zpool.import(pool, { directory: dirname(poolFile) });
    await rm(unfinishedMark(poolFile), { force: true });
    return undefined;
  } catch (error) {
    return error;
  }
}

// Beside a file that is not a whole pool yet; such a file is made anew by the next run, any other is left alone.
function unfinishedMark(poolFile: string): string {
  return `${poolFile}.unfinished`;
}

async function createPool(zpool: Zpool, pool: PoolName, size: number, place: StoragePlace): Promise<void> {
  const { poolFile, mountpoint = `/${pool}` } = place;
  await mkdir(dirname(poolFile), { recursive: true, mode: 0o755 });
  await writeFile(unfinishedMark(poolFile), `${basename(poolFile)} is not a whole pool yet\n`);
  await rm(poolFile, { force: true });
  try {
    await createPoolFile(poolFile, size);
    await zpool.create(pool, [poolFile], { mountpoint });
  } catch (error) {
    await rm(poolFile, { force: true });
    await rm(unfinishedMark(poolFile), { force: true });
    throw new KleeneError(errorCode(error), `cannot create the pool ${pool} in ${poolFile}`, { cause: error });
  }
  await rm(unfinishedMark(poolFile), { force: true });
}

/** What was asked for, or less when the file's disk is smaller; whole MiB. */
async function affordableSize(asked: number, poolFile: string): Promise<number> {
  let directory = dirname(poolFile);
  while (!existsSync(directory)) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  return Math.floor(Math.min(asked, bavail * bsize * SHARE_OF_DISK) / 2 ** 20) * 2 ** 20;
}

/** `20 GiB`, `512 MiB`. */
function formatSize(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${Number(gib.toFixed(1))} GiB` : `${Math.floor(bytes / 2 ** 20)} MiB`;
}

/** After a reboot: imports the pool in Kleene's own file and mounts the datasets. Does nothing where there is none. */
export async function wakeStorage({ zfs, zpool }: Storage, rootDataset: string, place: StoragePlace): Promise<void> {
  const root = datasetName(rootDataset);
  const pool = poolName(poolOf(root));
  try {
    if (existsSync(place.poolFile) && !(await zpool.exists(pool))) {
      await zpool.import(pool, { directory: dirname(place.poolFile) });
    }
    if (!(await zfs.exists(root))) return;
  } catch (error) {
    if (["missing-tool", "unavailable", "not-found"].includes(errorCode(error))) return;
    throw error;
  }
  await mountRootDataset(zfs, root);
}
