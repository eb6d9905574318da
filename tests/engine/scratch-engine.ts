import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "valibot";
import { ContainerConfig } from "../../src/contract/container.ts";
import type { ImageBuildConfig, ImageCreateConfig } from "../../src/contract/image.ts";
import {
  ImageBuildConfig as ImageBuildSchema,
  ImageCreateConfig as ImageCreateSchema,
} from "../../src/contract/image.ts";
import type { Id } from "../../src/contract/names.ts";
import { buildImage } from "../../src/engine/build/build.ts";
import { createContainer } from "../../src/engine/container/create.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { attachExec } from "../../src/engine/exec/attach.ts";
import { createExec } from "../../src/engine/exec/create.ts";
import { waitExec } from "../../src/engine/exec/wait.ts";
import { createImage } from "../../src/engine/image/create.ts";
import { openEngine } from "../../src/engine/open.ts";
import type { Output } from "../../src/engine/output.ts";
import { exec, executor } from "../../src/host/exec.ts";
import { createZfs } from "../../src/host/zfs/create-zfs.ts";
import { datasetName } from "../../src/host/zfs/names.ts";
import type { Zfs } from "../../src/host/zfs/zfs.ts";
import { createZpool } from "../../src/host/zpool/create-zpool.ts";
import { selectPlatform } from "../../src/platform/select.ts";
import { createScratchPool, type ScratchPool } from "../scratch-pool.ts";
import { createTestRoot } from "../test-root.ts";

/** An engine on a pool of its own, with the image `base` made from the busybox root. */
export interface ScratchEngine extends AsyncDisposable {
  readonly pool: ScratchPool;
  readonly zfs: Zfs;
  /** The open engine; another one after `reopen`. */
  readonly engine: Engine;
  /** A directory for the test's own files. */
  readonly directory: string;
  /** Closes the database without a word to anybody, as a crash does, and opens it again. */
  reopen(): Promise<void>;
  /** Closes the database, and lets the test change what a crash would have left. */
  whileClosed(change: () => Promise<void>): Promise<void>;
  /** Names of the datasets below the root dataset, and of their snapshots. */
  datasets(): Promise<string[]>;
  build(dockerfile: string, options?: BuildOptions): Promise<Built>;
  /** Creates a container, runs it to its end, and leaves it there. */
  run(config: RunConfig): Promise<Ran>;
}

export interface BuildOptions extends Partial<ImageBuildConfig> {
  readonly files?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onStatus?: (line: string) => void;
}

export interface Built {
  readonly id: Id;
  /** Status lines and the commands' own output, as they came. */
  readonly lines: string[];
}

type RunConfig = Parameters<typeof parse<typeof ContainerConfig>>[1] & object;

export interface Ran {
  readonly container: Id;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export const silent: Output = { status() {}, bytes() {}, progress() {} };
export const never = new AbortController().signal;

export async function createScratchEngine(options: { size?: number } = {}): Promise<ScratchEngine> {
  const pool = await createScratchPool(options);
  const runDirectory = join("/run/kleene-tests", pool.name);
  const [zfs, zpool] = [createZfs(executor), createZpool(executor)];
  const platform = selectPlatform({ executor, zfs, zpool, runDirectory, selfExecutable: process.execPath });
  const open = () => openEngine({ executor, zfs, zpool, platform, rootDataset: pool.rootDataset });
  await mkdir(runDirectory, { recursive: true });
  await zfs.create(pool.rootDataset);
  for (const child of ["image", "container", "volumes"]) await zfs.create(datasetName(pool.rootDataset, child));
  const archive = join(pool.directory, "root.tar");
  await createTestRoot(join(pool.directory, "root"));
  await exec(["tar", "-C", join(pool.directory, "root"), "-cf", archive, "."]);
  let engine = await open();
  const scratch: ScratchEngine = {
    pool,
    zfs,
    get engine() {
      return engine;
    },
    directory: pool.directory,
    reopen: () => scratch.whileClosed(async () => {}),
    whileClosed: async (change) => {
      await engine[Symbol.asyncDispose]();
      await change();
      engine = await open();
    },
    datasets: async () => {
      const listed = await zfs.list(pool.rootDataset, { types: ["filesystem", "snapshot"] });
      return listed.map(({ name }) => name.slice(pool.rootDataset.length + 1)).sort();
    },
    build: (dockerfile, buildOptions) => build(engine, pool.directory, dockerfile, buildOptions),
    run: (config) => runContainer(engine, config),
    [Symbol.asyncDispose]: async () => {
      for (const { name } of await platform.runtime.list()) await platform.runtime.stop(name, 0);
      await engine[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
      await rm(runDirectory, { recursive: true, force: true });
    },
  };
  await createImage(engine, imageConfig({ method: "fetch", url: archive, tag: "base" }), silent, never);
  return scratch;
}

export function imageConfig(config: Partial<ImageCreateConfig>): ImageCreateConfig {
  return parse(ImageCreateSchema, { dns: false, localtime: false, ...config });
}

async function build(
  engine: Engine,
  directory: string,
  dockerfile: string,
  { files = {}, signal = never, onStatus, ...config }: BuildOptions = {},
): Promise<Built> {
  const context = join(directory, `context-${Bun.randomUUIDv7()}`);
  for (const [path, text] of Object.entries({ Dockerfile: dockerfile, ...files })) {
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), text);
  }
  const lines: string[] = [];
  const output: Output = {
    status: (line) => {
      lines.push(line);
      onStatus?.(line);
    },
    bytes: (_stream, chunk) => void lines.push(new TextDecoder().decode(chunk)),
    progress() {},
  };
  const id = await buildImage(engine, parse(ImageBuildSchema, { context, ...config }), output, signal, () => {});
  return { id, lines };
}

async function runContainer(engine: Engine, config: RunConfig): Promise<Ran> {
  const container = await createContainer(engine, parse(ContainerConfig, { network_driver: "host", ...config }));
  const id = await createExec(engine, { container_id: container, cmd: [], user: "", env: [], tty: false });
  const texts = { stdout: "", stderr: "" };
  {
    using attached = await attachExec(engine, id, { startContainer: true });
    for await (const { stream, chunk } of attached.output(never)) texts[stream] += Buffer.from(chunk).toString();
  }
  const { exitCode } = await waitExec(engine, id);
  return { container, ...texts, exitCode };
}
