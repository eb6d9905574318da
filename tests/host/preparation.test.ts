import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { executor } from "../../src/host/exec.ts";
import { createZfs } from "../../src/host/zfs/create-zfs.ts";
import { type DatasetName, datasetName } from "../../src/host/zfs/names.ts";
import { createZpool } from "../../src/host/zpool/create-zpool.ts";
import { poolName } from "../../src/host/zpool/names.ts";
import type { Check, PreparationOptions } from "../../src/platform/preparation.ts";
import { prepareStorage, type StoragePlace, wakeStorage } from "../../src/platform/storage-preparation.ts";
import { claimDirectory } from "../owner.ts";
import { POOL_PREFIX, removeScratchPool, TESTS_DIRECTORY } from "../scratch-pool.ts";
import { requireZfs } from "../zfs-service.ts";

const zfs = createZfs(executor);
const zpool = createZpool(executor);
const storage = { zfs, zpool };
const SIZE = 256 * 2 ** 20;

let pool: string;
let directory: string;
let place: StoragePlace & { poolFile: string };
let root: DatasetName;

beforeEach(async () => {
  await requireZfs();
  pool = `${POOL_PREFIX}${randomBytes(4).toString("hex")}`;
  directory = join(TESTS_DIRECTORY, pool);
  claimDirectory(directory);
  place = { poolFile: join(directory, "own/pool.img"), mountpoint: join(directory, "mnt") };
  root = datasetName(pool, "kleene");
});

afterEach(() => removeScratchPool(pool, directory));

async function prepare(options: Partial<PreparationOptions> = {}): Promise<Check[]> {
  const wanted = { rootDataset: root, poolSize: SIZE, install: false, dryRun: false, confirm: async () => true };
  return await Array.fromAsync(prepareStorage(storage, { ...wanted, ...options }, place));
}

async function outcomes(options: Partial<PreparationOptions> = {}): Promise<string[]> {
  return (await prepare(options)).map((check) => check.outcome);
}

const kindOf = async (dataset: DatasetName) => (await zfs.get(dataset, ["kleene:kind"]))?.["kleene:kind"];

describe("preparing storage on a host without a pool", () => {
  test("a pool is made in a sparse private file, with the root dataset and its folders", async () => {
    expect(await outcomes()).toEqual(["done", "done"]);
    const file = statSync(place.poolFile);
    expect(file.size).toBe(SIZE);
    expect(file.blocks * 512).toBeLessThan(SIZE / 2);
    expect(file.mode & 0o777).toBe(0o600);
    expect(await kindOf(root)).toBe("root");
    expect(await kindOf(datasetName(root, "image"))).toBe("images");
    expect(await kindOf(datasetName(root, "container"))).toBe("containers");
    expect(await kindOf(datasetName(root, "volumes"))).toBe("volumes");
    expect(await zfs.get(root, ["mountpoint", "atime", "mounted"])).toEqual({
      mountpoint: join(directory, "mnt/kleene"),
      atime: "off",
      mounted: "yes",
    });
    expect(existsSync(`${place.poolFile}.unfinished`)).toBe(false);
  });

  test("a second run changes nothing", async () => {
    await prepare();
    expect(await outcomes({ confirm: () => Promise.reject(new Error("asked")) })).toEqual(["ok", "ok"]);
  });

  test("a dry run says what it would do and makes nothing", async () => {
    expect(await outcomes({ dryRun: true })).toEqual(["planned", "planned"]);
    expect(existsSync(join(directory, "own"))).toBe(false);
    expect(await zpool.exists(poolName(pool))).toBe(false);
  });

  test("without consent nothing is made, and the remedy is named", async () => {
    const [made, dataset] = await prepare({ confirm: async () => false });
    expect(made).toMatchObject({ outcome: "failed", remedy: "kleene init --yes" });
    expect(dataset?.outcome).toBe("failed");
    expect(existsSync(place.poolFile)).toBe(false);
  });

  test("a size that is too small for a pool is refused before anything is made", async () => {
    expect(await outcomes({ poolSize: 2 ** 20 })).toEqual(["failed", "failed"]);
    expect(existsSync(join(directory, "own"))).toBe(false);
  });

  test("hostile names are refused", async () => {
    for (const rootDataset of ["-R/kleene", "../x", "mirror/kleene", `${pool}@x`, ""]) {
      expect(await outcomes({ rootDataset })).toEqual(["failed"]);
    }
  });
});

describe("preparing storage after an interruption", () => {
  test("an unfinished pool file is made anew", async () => {
    claimDirectory(join(directory, "own"));
    await writeFile(place.poolFile, "half of something");
    await writeFile(`${place.poolFile}.unfinished`, "");
    expect(await outcomes()).toEqual(["done", "done"]);
  });

  test("a file that holds no pool of ours is left alone", async () => {
    claimDirectory(join(directory, "own"));
    await writeFile(place.poolFile, "somebody's");
    const [made] = await prepare();
    expect(made?.outcome).toBe("failed");
    expect(await Bun.file(place.poolFile).text()).toBe("somebody's");
  });

  test("a pool that was exported is imported with what is in it", async () => {
    await prepare();
    const image = datasetName(root, "image", "0123456789ab");
    await zfs.create(image);
    await zpool.export(poolName(pool));
    expect(await outcomes()).toEqual(["done", "ok"]);
    expect(await zfs.exists(image)).toBe(true);
  });

  test("missing folders are added", async () => {
    await prepare();
    await zfs.destroy(datasetName(root, "volumes"));
    expect(await outcomes()).toEqual(["ok", "done"]);
    expect(await kindOf(datasetName(root, "volumes"))).toBe("volumes");
  });
});

describe("preparing storage beside other people's datasets", () => {
  test("a dataset with children and no mark of Kleene's is not touched", async () => {
    await prepare();
    const other = datasetName(pool, "other");
    await zfs.create(datasetName(other, "child"), { parents: true });
    const [, dataset] = await prepare({ rootDataset: other });
    expect(dataset).toMatchObject({ outcome: "failed", detail: `${other} exists and is not Kleene's` });
    expect(await kindOf(other)).toBeUndefined();
    expect((await zfs.list(other)).map(({ name }) => name)).toEqual([other, `${other}/child`]);
  });

  test("an empty dataset made for Kleene beforehand is taken", async () => {
    await prepare();
    const other = datasetName(pool, "other");
    await zfs.create(other);
    expect(await outcomes({ rootDataset: other })).toEqual(["ok", "done"]);
    expect(await kindOf(other)).toBe("root");
  });

  test("a root dataset inside another Kleene's is refused", async () => {
    await prepare();
    const inside = datasetName(root, "image", "mine");
    expect(await outcomes({ rootDataset: inside })).toEqual(["ok", "failed"]);
    expect(await zfs.exists(inside)).toBe(false);
  });
});

describe("waking a host", () => {
  test("does nothing where nothing was prepared", async () => {
    await wakeStorage(storage, root, place);
    expect(await zpool.exists(poolName(pool))).toBe(false);
  });

  test("imports the pool again and mounts every dataset", async () => {
    await prepare();
    const image = datasetName(root, "image", "0123456789ab");
    await zfs.create(image);
    await zpool.export(poolName(pool));
    await wakeStorage(storage, root, place);
    for (const dataset of [root, datasetName(root, "image"), image]) {
      expect(await zfs.get(dataset, ["mounted"])).toEqual({ mounted: "yes" });
    }
  });

  test("mounts what an administrator unmounted", async () => {
    await prepare();
    const volumes = datasetName(root, "volumes");
    await zfs.unmount(volumes);
    await wakeStorage(storage, root, place);
    expect(await zfs.get(volumes, ["mounted"])).toEqual({ mounted: "yes" });
  });

  test("leaves a host alone whose pool file holds another pool", async () => {
    claimDirectory(join(directory, "own"));
    await writeFile(place.poolFile, "");
    await wakeStorage(storage, root, place);
    await rm(place.poolFile);
    expect(await zpool.exists(poolName(pool))).toBe(false);
  });
});
