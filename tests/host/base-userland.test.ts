import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { executor } from "../../src/host/exec.ts";
import { readMounts } from "../../src/host/proc/mounts.ts";
import { createZfs } from "../../src/host/zfs/create-zfs.ts";
import { datasetName } from "../../src/host/zfs/names.ts";
import { createLinuxBaseUserland } from "../../src/platform/linux/base-userland.ts";
import { createScratchPool, type ScratchPool } from "../scratch-pool.ts";

const zfs = createZfs(executor);
const userland = createLinuxBaseUserland(executor);

let pool: ScratchPool;

beforeAll(async () => {
  pool = await createScratchPool();
});

afterAll(() => pool[Symbol.asyncDispose]());

async function emptyDataset(name: string) {
  const dataset = datasetName(pool.name, name);
  await zfs.create(dataset);
  return { dataset, root: join(pool.mountpoint, name) };
}

function mountedBelow(root: string) {
  return readMounts().filter(({ mountpoint }) => mountpoint.startsWith(`${root}/`));
}

async function commandLines() {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
}

test("the userland is the host's own release, complete, readable by everyone, without lists or packages", async () => {
  const { root } = await emptyDataset("whole");
  let said = "";
  const before = process.umask(0o077);
  try {
    await userland.install(root, (text) => (said += text), new AbortController().signal);
  } finally {
    process.umask(before);
  }
  const release = (path: string) => Bun.file(path).text();
  expect(await release(join(root, "etc/os-release"))).toBe(await release("/etc/os-release"));
  expect(said).not.toBe("");
  for (const program of ["bin/sh", "usr/bin/apt-get", "usr/bin/dpkg"])
    expect(existsSync(join(root, program))).toBe(true);
  expect(existsSync(join(root, "etc/ssl/certs/ca-certificates.crt"))).toBe(true);
  expect(await readdir(join(root, "var/lib/apt/lists"))).toEqual(["partial"]);
  expect(existsSync(join(root, "etc/resolv.conf"))).toBe(false);
  expect(existsSync(join(root, "etc/hostname"))).toBe(false);
  const modes = await executor.exec(["stat", "-c", "%a", join(root, "etc"), join(root, "etc/apt/sources.list")]);
  expect(modes.stdout).toBe("755\n644\n");
  expect(mountedBelow(root)).toEqual([]);
});

test("an installation that is canceled leaves no process and no mount", async () => {
  const { dataset, root } = await emptyDataset("canceled");
  const abort = new AbortController();
  const installing = userland.install(root, () => {}, abort.signal);
  // once something is mounted, the programs of the new userland are at work
  while (mountedBelow(root).length === 0) await Bun.sleep(20);
  abort.abort();
  const error = await installing.catch((error: unknown) => error);
  expect(errorCode(error)).toBe("canceled");
  expect(mountedBelow(root)).toEqual([]);
  expect((await commandLines()).some((line) => line.includes(root))).toBe(false);
  await zfs.destroy(dataset);
});

test("a mirror that does not answer is reported as such", async () => {
  const { root } = await emptyDataset("unreachable");
  const before = process.env.http_proxy;
  process.env.http_proxy = "http://127.0.0.1:9";
  try {
    const error = await userland.install(root, () => {}, new AbortController().signal).catch((error: unknown) => error);
    expect(errorCode(error)).toBe("unavailable");
    expect(mountedBelow(root)).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.http_proxy;
    else process.env.http_proxy = before;
  }
});
