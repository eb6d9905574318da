import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { executor } from "../../src/host/exec.ts";
import { createZfs } from "../../src/host/zfs/create-zfs.ts";
import { datasetName } from "../../src/host/zfs/names.ts";
import { createZpool } from "../../src/host/zpool/create-zpool.ts";
import { poolName } from "../../src/host/zpool/names.ts";
import { createPoolFile } from "../../src/host/zpool/pool-file.ts";
import { claimDirectory } from "../owner.ts";
import { POOL_PREFIX, removeScratchPool, TESTS_DIRECTORY } from "../scratch-pool.ts";
import { requireZfs } from "../zfs-service.ts";

const name = poolName(`${POOL_PREFIX}${randomBytes(4).toString("hex")}`);
const other = poolName(`${name}-other`);
const directory = join(TESTS_DIRECTORY, name);
const file = join(directory, "files", "pool.img");
const mountpoint = join(directory, "mnt");
const size = 256 * 1024 ** 2;
const zpool = createZpool(executor);
const zfs = createZfs(executor);
const options = { mountpoint, properties: { atime: "off" }, poolProperties: { cachefile: "none" } };

async function code(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "no error").catch(errorCode);
}

beforeAll(async () => {
  await requireZfs();
  claimDirectory(directory);
});
afterAll(() => removeScratchPool(name, directory));

// The tests follow one pool through its life, in this order.
describe("zpool(8)", () => {
  test("makes a pool of a sparse file, mounted where it was told", async () => {
    await createPoolFile(file, size);
    expect(statSync(file).size).toBe(size);
    expect(statSync(file).blocks).toBe(0);
    expect(await code(createPoolFile(file, size))).toBe("conflict");
    expect(await zpool.exists(name)).toBe(false);
    await zpool.create(name, [file], options);
    expect(await zpool.exists(name)).toBe(true);
    expect(await zfs.get(datasetName(name), ["mountpoint", "atime", "mounted"])).toEqual({
      mountpoint,
      atime: "off",
      mounted: "yes",
    });
  });

  test("lists it with its size and health", async () => {
    const pool = (await zpool.list()).find((listed) => listed.name === name);
    expect(pool).toMatchObject({ health: "ONLINE", altroot: undefined });
    expect(pool?.size).toBeGreaterThan(size * 0.9);
    expect(pool?.size).toBeLessThanOrEqual(size);
    expect(pool?.free).toBeGreaterThan(size * 0.8);
  });

  test("refuses a name that is taken, and a file that is missing, in use or too small", async () => {
    const small = join(directory, "small.img");
    await createPoolFile(small, 1024 ** 2);
    expect(await code(zpool.create(name, [join(directory, "none")]))).toBe("not-found");
    expect(await code(zpool.create(other, [file]))).toBe("conflict");
    expect(await code(zpool.create(other, [small]))).toBe("invalid");
    const second = join(directory, "second.img");
    await createPoolFile(second, size);
    expect(await code(zpool.create(name, [second], { mountpoint: "none" }))).toBe("conflict");
    expect(await zpool.exists(other)).toBe(false);
  });

  test("exports it, and imports it from its file, with what it holds", async () => {
    await zfs.create(datasetName(name, "kept"));
    await zpool.export(name);
    expect(await zpool.exists(name)).toBe(false);
    expect(await code(zpool.export(name))).toBe("not-found");
    expect(await code(zpool.create(other, [file]))).toBe("conflict");
    expect(await code(zpool.import(other, { directory: join(directory, "files") }))).toBe("not-found");
    await zpool.import(name, { directory: join(directory, "files") });
    expect(await zfs.get(datasetName(name, "kept"), ["mounted"])).toEqual({ mounted: "yes" });
    expect(await code(zpool.import(name, { directory: join(directory, "files") }))).toBe("conflict");
  });

  test("is busy while a file in it is open, and is destroyed once it is closed", async () => {
    const open = openSync(join(mountpoint, "kept", "file"), "w");
    expect(await code(createZpool(executor, { pauses: [0, 5] }).export(name))).toBe("busy");
    closeSync(open);
    await zpool.destroy(name);
    expect(await zpool.exists(name)).toBe(false);
    expect(await code(zpool.destroy(name))).toBe("not-found");
  });
});
