import { afterAll, beforeAll, expect, test } from "bun:test";
import { listContainers } from "../../src/engine/container/list.ts";
import { listImages } from "../../src/engine/image/list.ts";
import { removeImage } from "../../src/engine/image/remove.ts";
import { mountsBelow } from "../mounts.ts";
import { createScratchEngine, type ScratchEngine } from "./scratch-engine.ts";

let scratch: ScratchEngine;
beforeAll(async () => {
  scratch = await createScratchEngine();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** Everything of which a life cycle could leave something. */
const state = async () => ({
  datasets: await scratch.datasets(),
  mounts: await mountsBelow(scratch.pool.mountpoint),
  containers: await listContainers(scratch.engine, { all: true }),
  images: listImages(scratch.engine).map(({ id }) => id),
  jails: await scratch.engine.runtime.list(),
});

/** Busy with files until the last moment, so that unmounting comes right after many were closed. */
const SCRIPT = "for i in 1 2 3 4 5 6 7 8; do cat /bin/busybox > /f$i & done; find / -xdev >/dev/null; wait; exit 3";

test("containers that live and die side by side leave nothing, and none disturbs another", async () => {
  const before = await state();
  const cycles = Array.from({ length: 6 }, async () => {
    for (let cycle = 0; cycle < 5; cycle++) {
      const ran = await scratch.run({ image: "base", auto_remove: true, cmd: ["sh", "-c", SCRIPT] });
      expect(ran).toMatchObject({ exitCode: 3, stderr: "" });
    }
  });
  await Promise.all(cycles);
  expect(await state()).toEqual(before);
});

test("builds side by side, each from the same parent, and their removal leave nothing", async () => {
  const before = await state();
  const built = await Promise.all(
    Array.from({ length: 4 }, (_, index) => scratch.build(`FROM base\nRUN echo ${index} > /n\nRUN true\n`)),
  );
  await Promise.all(built.map(({ id }) => removeImage(scratch.engine, id)));
  expect(await state()).toEqual(before);
});
