import { randomBytes } from "node:crypto";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../src/errors.ts";
import { exec } from "../src/host/exec.ts";
import { changingMounts } from "../src/host/zfs/fuse.ts";
import { type DatasetName, datasetName } from "../src/host/zfs/names.ts";
import { mountsBelow, unmountBelow } from "./mounts.ts";
import { claimDirectory } from "./owner.ts";
import { requireZfs } from "./zfs-service.ts";

/** Every test's directories lie below, one per scratch pool; the sweep empties it. */
export const TESTS_DIRECTORY = "/var/tmp/kleene-tests";
export const POOL_PREFIX = "kltest-";

const DEFAULT_SIZE = 2 * 1024 ** 3;
const REMOVED_WITHIN = 10_000;

export interface ScratchPool extends AsyncDisposable {
  readonly name: string;
  /** Where the pool's own dataset is mounted; its datasets are mounted below. */
  readonly mountpoint: string;
  /** `<name>/kleene`. It is not created: that is the engine's, or the test's. */
  readonly rootDataset: DatasetName;
  /** Holds the pool's image file and the mountpoint; free for the test's own files. Removed with the pool. */
  readonly directory: string;
}

/**
 * A file-backed pool of this test's own, under `TESTS_DIRECTORY`. Use it as `await using pool = await
 * createScratchPool()`, or call `pool[Symbol.asyncDispose]()` in `afterAll`. `size` is in bytes; the file is sparse.
 */
export async function createScratchPool({ size = DEFAULT_SIZE } = {}): Promise<ScratchPool> {
  await requireZfs();
  const name = `${POOL_PREFIX}${randomBytes(4).toString("hex")}`;
  const directory = join(TESTS_DIRECTORY, name);
  const mountpoint = join(directory, "mnt");
  const image = join(directory, "pool.img");
  claimDirectory(directory);
  const remove = () => removeScratchPool(name, directory);
  try {
    await writeFile(image, "");
    await truncate(image, size);
    // Not in the cache file: a reboot shall not bring it back.
    const argv = ["-o", "cachefile=none", "-O", "atime=off", "-m", mountpoint, name, image];
    await changingMounts(name, () => exec(["zpool", "create", ...argv]));
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, mountpoint, directory, rootDataset: datasetName(name, "kleene"), [Symbol.asyncDispose]: remove };
}

/** Destroys the pool if there is one, whatever is mounted in it, then removes the directory, or the file it is. */
export async function removeScratchPool(name: string | undefined, directory: string): Promise<void> {
  const deadline = Date.now() + REMOVED_WITHIN;
  for (let pause = 5; ; pause = Math.min(pause * 2, 500)) {
    await changingMounts(name ?? directory, () => unmountBelow(directory));
    const failure = name === undefined ? undefined : await changingMounts(name, () => destroyPool(name));
    const mounted = await mountsBelow(directory);
    if (failure === undefined && mounted.length === 0) break;
    if (Date.now() > deadline) {
      throw new Error(`cannot remove ${directory}: ${failure ?? `still mounted: ${mounted.join(", ")}`}`);
    }
    await Bun.sleep(pause);
  }
  await rm(directory, { recursive: true, force: true });
}

async function destroyPool(name: string): Promise<string | undefined> {
  try {
    // Never by force: a file system that is in use would be torn from its users, and zfs-fuse hangs for ever after that.
    await exec(["zpool", "destroy", name]);
    return undefined;
  } catch (error) {
    const failure = describeError(error);
    return failure.includes("no such pool") || failure.includes("missing-tool") ? undefined : failure;
  }
}
