import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "valibot";
import { ContainerConfig } from "../../src/contract/container.ts";
import type { Id } from "../../src/contract/names.ts";
import { insertContainer, updateContainer } from "../../src/db/containers.ts";
import { insertCreatingImage, setImageStatus } from "../../src/db/images.ts";
import { createContainer } from "../../src/engine/container/create.ts";
import { inspectContainer } from "../../src/engine/container/inspect.ts";
import { listContainers } from "../../src/engine/container/list.ts";
import { removeContainer } from "../../src/engine/container/remove.ts";
import { createExec } from "../../src/engine/exec/create.ts";
import { followExec } from "../../src/engine/exec/follow.ts";
import { startExec } from "../../src/engine/exec/start.ts";
import { waitExec } from "../../src/engine/exec/wait.ts";
import { newId, timestamp } from "../../src/engine/id.ts";
import { inspectImage } from "../../src/engine/image/inspect.ts";
import { listImages } from "../../src/engine/image/list.ts";
import { snapshotLabel, snapshotName } from "../../src/host/zfs/names.ts";
import { createScratchEngine, never, type ScratchEngine } from "./scratch-engine.ts";

let scratch: ScratchEngine;
beforeAll(async () => {
  scratch = await createScratchEngine();
});
afterAll(() => scratch[Symbol.asyncDispose]());

async function startContainer(cmd: string[]): Promise<{ container: Id; exec: Id }> {
  const { engine } = scratch;
  const config = parse(ContainerConfig, { image: "base", network_driver: "host", cmd });
  const container = await createContainer(engine, config);
  const exec = await createExec(engine, { container_id: container, cmd: [], user: "", env: [], tty: false });
  await startExec(engine, exec, { startContainer: true });
  return { container, exec };
}

async function output(exec: Id): Promise<string> {
  let text = "";
  for await (const { chunk } of followExec(scratch.engine, exec, never)) text += Buffer.from(chunk).toString();
  return text;
}

describe("at its next start after a crash, the daemon", () => {
  test("removes an image that was being made, with its dataset", async () => {
    const { engine } = scratch;
    const before = await scratch.datasets();
    const id = newId();
    insertCreatingImage(engine.db, { id, snapshot: snapshotLabel(id), parentId: null, created: timestamp() });
    const base = inspectImage(engine, "base");
    await scratch.zfs.clone(
      snapshotName(engine.layout.image(base.id as Id), snapshotLabel(base.id)),
      engine.layout.image(id),
    );
    await scratch.reopen();
    expect(await scratch.datasets()).toEqual(before);
    expect(listImages(scratch.engine).map((image) => image.id)).not.toContain(id);
  });

  test("removes an image that was to be made and has no dataset yet", async () => {
    const id = newId();
    insertCreatingImage(scratch.engine.db, { id, snapshot: snapshotLabel(id), parentId: null, created: timestamp() });
    await scratch.reopen();
    expect(
      scratch.engine.db.query.images
        .findMany()
        .sync()
        .map((image) => image.id),
    ).not.toContain(id);
  });

  test("finishes the removal of an image, and the images built from it live on", async () => {
    const parent = await scratch.build("FROM base\nRUN echo p > /p\n", { tag: "parent" });
    await scratch.build("FROM parent\nRUN true\n", { tag: "child" });
    setImageStatus(scratch.engine.db, parent.id, "removing");
    await scratch.reopen();
    expect(listImages(scratch.engine).map(({ name }) => name)).toEqual(["child", "base"]);
    expect(await scratch.datasets()).not.toContain(`image/${parent.id}`);
    expect((await scratch.run({ image: "child", cmd: ["cat", "/p"] })).stdout).toBe("p\n");
  });

  test("removes containers that were being made or removed", async () => {
    const { engine } = scratch;
    const half = newId();
    const imageId = inspectImage(engine, "base").id as Id;
    const values = { user: "", workdir: "/", networkDriver: "host", restartPolicy: "no", persist: false } as const;
    const lists = { command: ["true"], env: [], jailParameters: [] };
    insertContainer(engine.db, {
      id: half,
      name: "half",
      imageId,
      autoRemove: false,
      created: timestamp(),
      ...values,
      ...lists,
    });
    const { container, exec } = await startContainer(["true"]);
    await waitExec(engine, exec);
    updateContainer(engine.db, container, { status: "removing" });
    await scratch.reopen();
    const left = (await listContainers(scratch.engine, { all: true })).map(({ id }) => id as Id);
    expect(left).not.toContain(half);
    expect(left).not.toContain(container);
    expect(await scratch.datasets()).not.toContain(`container/${container}`);
  });

  test("finds a running container again, and loses neither its output nor its exit status", async () => {
    const { container, exec } = await startContainer([
      "sh",
      "-c",
      "echo before; while ! [ -e /go ]; do sleep 0.01; done; echo after; exit 5",
    ]);
    await scratch.reopen();
    expect(inspectContainer(scratch.engine, container).container.running).toBe(true);
    await writeFile(join(scratch.engine.layout.containerRoot(container), "go"), "");
    expect(await output(exec)).toBe("before\nafter\n");
    expect(await waitExec(scratch.engine, exec)).toEqual({ exitCode: 5, containerExited: true });
    expect(inspectContainer(scratch.engine, container).container.exit_code).toBe(5);
  });

  test("records the end of a container that ended without a daemon", async () => {
    const { container, exec } = await startContainer([
      "sh",
      "-c",
      "while ! [ -e /go ]; do sleep 0.01; done; echo done; exit 6",
    ]);
    await scratch.whileClosed(async () => {
      await writeFile(join(scratch.engine.layout.containerRoot(container), "go"), "");
      const exit = join(scratch.engine.layout.execDirectory(container, exec), "exit");
      while ((await Bun.file(exit).exists()) === false) await Bun.sleep(5);
    });
    expect(inspectContainer(scratch.engine, container).container).toMatchObject({ status: "exited", exit_code: 6 });
    expect(await output(exec)).toBe("done\n");
  });

  test("says exited of a container whose processes are gone without a trace", async () => {
    const { container, exec } = await startContainer(["sleep", "1000"]);
    const { layout } = scratch.engine;
    await scratch.whileClosed(async () => {
      const [pid] = (await Bun.file(join(layout.execDirectory(container, exec), "supervisor")).text()).split("\n");
      process.kill(Number(pid), "SIGKILL");
    });
    expect(inspectContainer(scratch.engine, container).container).toMatchObject({ status: "exited", running: false });
    expect(await scratch.engine.runtime.list()).toEqual([]);
    await removeContainer(scratch.engine, container, { force: false });
  });

  test("touches no dataset and no file that it knows nothing of", async () => {
    const { layout, zfs } = scratch.engine;
    const id = newId();
    await zfs.create(layout.container(id));
    await writeFile(join(layout.containerRoot(id), "precious"), "data");
    await mkdir(join(layout.mountpoint, "mine"));
    await scratch.reopen();
    expect(await Bun.file(join(layout.containerRoot(id), "precious")).text()).toBe("data");
    expect(await scratch.datasets()).toContain(`container/${id}`);
  });
});
