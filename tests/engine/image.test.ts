import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "valibot";
import { ContainerConfig } from "../../src/contract/container.ts";
import { createContainer } from "../../src/engine/container/create.ts";
import { removeContainer } from "../../src/engine/container/remove.ts";
import { createImage } from "../../src/engine/image/create.ts";
import { inspectImage } from "../../src/engine/image/inspect.ts";
import { listImages } from "../../src/engine/image/list.ts";
import { pruneImages } from "../../src/engine/image/prune.ts";
import { removeImage } from "../../src/engine/image/remove.ts";
import { tagImage } from "../../src/engine/image/tag.ts";
import { errorCode } from "../../src/errors.ts";
import { exec } from "../../src/host/exec.ts";
import { datasetName, snapshotLabel, snapshotName } from "../../src/host/zfs/names.ts";
import { failure } from "./failure.ts";
import { createScratchEngine, imageConfig, never, type ScratchEngine, silent } from "./scratch-engine.ts";

let scratch: ScratchEngine;
beforeAll(async () => {
  scratch = await createScratchEngine();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const create = (config: Parameters<typeof imageConfig>[0], signal = never) =>
  createImage(scratch.engine, imageConfig(config), silent, signal);
const archive = () => join(scratch.directory, "root.tar");
const cat = async (image: string, path: string) => (await scratch.run({ image, cmd: ["cat", path] })).stdout;
const names = () => listImages(scratch.engine).map(({ name, tag }) => `${name}:${tag}`);

async function foreignDataset(name: string): Promise<string> {
  const dataset = datasetName(scratch.pool.name, name);
  await scratch.zfs.create(dataset);
  await exec(["tar", "-xf", archive(), "-C", join(scratch.pool.mountpoint, name)]);
  await writeFile(join(scratch.pool.mountpoint, name, "origin"), name);
  return dataset;
}

describe("image create", () => {
  test("fetches a compressed archive with the right checksum", async () => {
    await exec(["gzip", "-kf", archive()]);
    const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(`${archive()}.gz`).bytes()).digest("hex");
    await create({ method: "fetch", url: `file://${archive()}.gz`, sha256: hash.toUpperCase(), tag: "gz:1" });
    expect(await cat("gz:1", "/etc/group")).toContain("staff");
  });

  test("fetches over HTTP", async () => {
    await using server = Bun.serve({ port: 0, fetch: () => new Response(Bun.file(archive())) });
    const seen: number[] = [];
    const output = { ...silent, progress: ({ done }: { done: number }) => void seen.push(done) };
    await createImage(
      scratch.engine,
      imageConfig({ method: "fetch", url: `http://localhost:${server.port}/x.tar`, tag: "http" }),
      output,
      never,
    );
    expect(seen.at(-1)).toBe(Bun.file(archive()).size);
    expect(await cat("http", "/etc/group")).toContain("staff");
  });

  test("copies a dataset, which it then does not depend on", async () => {
    const dataset = await foreignDataset("copied");
    const id = await create({ method: "zfs-copy", zfs_dataset: dataset, tag: "copied" });
    await scratch.zfs.destroy(datasetName(dataset));
    expect(await cat("copied", "/origin")).toBe("copied");
    expect(await scratch.datasets()).toContain(`image/${id}@${id}`);
  });

  test("clones a snapshot, and leaves it where it was when the image goes", async () => {
    const dataset = datasetName(await foreignDataset("cloned"));
    const snapshot = snapshotName(dataset, snapshotLabel("mine"));
    await scratch.zfs.snapshot(snapshot);
    await create({ method: "zfs-clone", zfs_dataset: snapshot, tag: "cloned" });
    expect(await cat("cloned", "/origin")).toBe("cloned");
    for (const { id } of await containersOf("cloned")) await removeContainer(scratch.engine, id, { force: true });
    await removeImage(scratch.engine, "cloned");
    expect(await scratch.zfs.exists(snapshot)).toBe(true);
  });

  test("clones a dataset, and removes the snapshot that it took there with the image", async () => {
    const dataset = datasetName(await foreignDataset("snapped"));
    await create({ method: "zfs-clone", zfs_dataset: dataset, tag: "snapped" });
    await removeImage(scratch.engine, "snapped");
    expect((await scratch.zfs.list(dataset, { types: ["snapshot"] })).length).toBe(0);
  });

  test("copies the host's files over a link of the image's, not through it", async () => {
    const canary = join(scratch.directory, "canary");
    await writeFile(canary, "untouched");
    const dataset = await foreignDataset("hostile");
    const etc = join(scratch.pool.mountpoint, "hostile/etc");
    await symlink(canary, join(etc, "resolv.conf"));
    await create({ method: "zfs-copy", zfs_dataset: dataset, tag: "hostile", dns: true });
    expect(await cat("hostile", "/etc/resolv.conf")).toBe(await Bun.file("/etc/resolv.conf").text());
    expect(await Bun.file(canary).text()).toBe("untouched");
  });

  test("makes nothing of what it cannot use", async () => {
    const before = { datasets: await scratch.datasets(), names: names() };
    await writeFile(join(scratch.directory, "corrupt.tar"), "this is no archive");
    const cases: [Parameters<typeof imageConfig>[0], string][] = [
      [{ method: "fetch", url: join(scratch.directory, "corrupt.tar") }, "invalid"],
      [{ method: "fetch", url: "/nowhere.tar" }, "not-found"],
      [{ method: "fetch", url: scratch.directory }, "invalid"],
      [{ method: "fetch", url: "relative.tar" }, "invalid"],
      [{ method: "fetch", url: archive(), sha256: "0".repeat(64) }, "invalid"],
      [{ method: "fetch", url: "http://127.0.0.1:9/x.tar" }, "unavailable"],
      [{ method: "zfs-copy", zfs_dataset: `${scratch.pool.name}/nowhere` }, "not-found"],
      [{ method: "zfs-clone", zfs_dataset: "-r" }, "invalid"],
      [{ method: "zfs-clone", zfs_dataset: "" }, "invalid"],
    ];
    for (const [config, code] of cases) {
      const error = await failure(create({ ...config, tag: "never" }));
      expect([config.method, errorCode(error) as string]).toEqual([config.method, code]);
    }
    expect({ datasets: await scratch.datasets(), names: names() }).toEqual(before);
  });

  test("leaves nothing when it is canceled in the middle of a download", async () => {
    const before = { datasets: await scratch.datasets(), names: names() };
    const abort = new AbortController();
    await using server = Bun.serve({
      port: 0,
      fetch: () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new Uint8Array(100_000));
              setTimeout(() => abort.abort(), 50);
            },
          }),
        ),
    });
    const url = `http://localhost:${server.port}/`;
    const error = await failure(create({ method: "fetch", url, tag: "canceled" }, abort.signal));
    expect(errorCode(error)).toBe("canceled");
    expect({ datasets: await scratch.datasets(), names: names() }).toEqual(before);
  });
});

async function containersOf(image: string) {
  const { id } = inspectImage(scratch.engine, image);
  const { listContainers } = await import("../../src/engine/container/list.ts");
  return (await listContainers(scratch.engine, { all: true })).filter(({ image_id }) => image_id === id);
}

describe("image tag and image rm", () => {
  test("a further tag is one more name; removing it leaves the image", async () => {
    const { id } = await scratch.build("FROM base\n", { tag: "tagged:one" });
    expect(tagImage(scratch.engine, "tagged:one", "tagged:two")).toBe(id);
    await removeImage(scratch.engine, "tagged:one");
    expect(inspectImage(scratch.engine, "tagged:two")).toMatchObject({ id, tags: ["tagged:two"] });
    await removeImage(scratch.engine, "tagged:two");
    expect(errorCode(await failure(Promise.try(() => inspectImage(scratch.engine, id))))).toBe("not-found");
  });

  test("images built from a removed one live on, and their removal leaves nothing of either", async () => {
    const before = await scratch.datasets();
    await scratch.build("FROM base\nRUN echo p > /p\n", { tag: "parent" });
    const middle = inspectImage(scratch.engine, "parent").snapshot;
    await scratch.build(`FROM parent@${middle}\nRUN echo c > /c\n`, { tag: "child" });
    await scratch.build("FROM child\nRUN echo g > /g\n", { tag: "grandchild" });
    await scratch.build("FROM parent\nRUN echo s > /s\n", { tag: "sibling" });
    await removeImage(scratch.engine, "parent");
    await removeImage(scratch.engine, "child");
    for (const [image, path, text] of [
      ["grandchild", "/p", "p\n"],
      ["grandchild", "/c", "c\n"],
      ["sibling", "/p", "p\n"],
    ] as const) {
      const config = parse(ContainerConfig, { image, cmd: ["cat", path], network_driver: "host" });
      const ran = await scratch.run(config);
      expect([image, path, ran.stdout]).toEqual([image, path, text]);
      await removeContainer(scratch.engine, ran.container, { force: false });
    }
    await removeImage(scratch.engine, "sibling");
    await removeImage(scratch.engine, "grandchild");
    expect(await scratch.datasets()).toEqual(before);
  });

  test("an image that a container uses stays, with the container's ID in the answer", async () => {
    await scratch.build("FROM base\nRUN true\n", { tag: "used" });
    const config = parse(ContainerConfig, { image: "used", cmd: ["true"], network_driver: "host" });
    const id = await createContainer(scratch.engine, config);
    const error = await failure(removeImage(scratch.engine, "used"));
    expect(errorCode(error)).toBe("in-use");
    expect(error.message.split("\n")[1]).toBe(id);
    expect(names()).toContain("used:latest");
    await removeContainer(scratch.engine, id, { force: false });
    await removeImage(scratch.engine, "used");
  });

  test("a tag that is another image's whole ID does not take its place", async () => {
    const { id } = await scratch.build("FROM base\nRUN true\n");
    tagImage(scratch.engine, "base", id);
    expect(inspectImage(scratch.engine, id).id).toBe(id);
    await removeImage(scratch.engine, `${id}:latest`);
    await removeImage(scratch.engine, id);
  });

  test("prune removes what has no tag", async () => {
    const { id } = await scratch.build("FROM base\nRUN true\n");
    await scratch.build("FROM base\nRUN true\n", { tag: "kept" });
    expect(await pruneImages(scratch.engine, { all: false })).toEqual([id]);
    expect(names()).toContain("kept:latest");
  });

  test.each(["", "missing", "0123456789abc", "base@", "../base"])("%j names no image", async (identifier) => {
    const error = await failure(Promise.try(() => inspectImage(scratch.engine, identifier)));
    expect(["not-found", "invalid", "ambiguous"]).toContain(errorCode(error));
  });
});
