import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "valibot";
import { ContainerConfig } from "../../src/contract/container.ts";
import type { Id } from "../../src/contract/names.ts";
import { createContainer } from "../../src/engine/container/create.ts";
import { inspectContainer } from "../../src/engine/container/inspect.ts";
import { listContainers } from "../../src/engine/container/list.ts";
import { pruneContainers } from "../../src/engine/container/prune.ts";
import { removeContainer } from "../../src/engine/container/remove.ts";
import { stopContainer } from "../../src/engine/container/stop.ts";
import { createExec } from "../../src/engine/exec/create.ts";
import { followExec } from "../../src/engine/exec/follow.ts";
import { signalExec } from "../../src/engine/exec/signal.ts";
import { startExec } from "../../src/engine/exec/start.ts";
import { waitExec } from "../../src/engine/exec/wait.ts";
import { errorCode } from "../../src/errors.ts";
import { failure } from "./failure.ts";
import { createScratchEngine, never, type ScratchEngine } from "./scratch-engine.ts";

let scratch: ScratchEngine;
beforeAll(async () => {
  scratch = await createScratchEngine();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const create = (config: object) =>
  createContainer(scratch.engine, parse(ContainerConfig, { image: "base", network_driver: "host", ...config }));

async function start(container: Id, cmd: string[] = [], startContainer = true): Promise<Id> {
  const id = await createExec(scratch.engine, { container_id: container, cmd, user: "", env: [], tty: false });
  await startExec(scratch.engine, id, { startContainer });
  return id;
}

async function output(exec: Id): Promise<string> {
  let text = "";
  for await (const { chunk } of followExec(scratch.engine, exec, never)) text += Buffer.from(chunk).toString();
  return text;
}

const STAY = ["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"];

describe("a container", () => {
  test("keeps output apart, and its exit status is its first process's", async () => {
    const ran = await scratch.run({ image: "base", cmd: ["sh", "-c", "echo out; echo err >&2; exit 42"] });
    expect(ran).toMatchObject({ stdout: "out\n", stderr: "err\n", exitCode: 42 });
    expect(inspectContainer(scratch.engine, ran.container).container).toMatchObject({
      status: "exited",
      exit_code: 42,
      running: false,
    });
  });

  test("runs with the user, environment and hostname that were asked for", async () => {
    const ran = await scratch.run({
      image: "base",
      cmd: ["sh", "-c", "id; echo $GREETING; hostname"],
      user: "app:staff",
      env: ["GREETING=hello world"],
      jail_param: ["host.hostname=web1"],
    });
    expect(ran.stdout).toBe("uid=1000(app) gid=50(staff)\nhello world\nweb1\n");
  });

  test("gives back every byte of a large output", async () => {
    const ran = await scratch.run({ image: "base", cmd: ["sh", "-c", "seq 1 400000 | tee /f; sha256sum < /f >&2"] });
    const hash = new Bun.CryptoHasher("sha256").update(ran.stdout).digest("hex");
    expect(ran.stderr).toBe(`${hash}  -\n`);
  });

  test("what it writes is its own, and is there when it is started again", async () => {
    const id = await create({ cmd: ["sh", "-c", "cat /count 2>/dev/null; echo x >> /count"] });
    const first = await start(id);
    await waitExec(scratch.engine, first);
    const second = await start(id);
    await waitExec(scratch.engine, second);
    expect(await output(second)).toBe("x\n");
    expect((await scratch.run({ image: "base", cmd: ["ls", "/count"] })).stdout).toBe("");
  });

  test("with a program that its image has not, starts nothing and says so", async () => {
    const id = await create({ cmd: ["nosuch"] });
    const error = await failure(start(id));
    expect(errorCode(error)).toBe("not-found");
    expect(error.message).toContain("nosuch");
    expect(inspectContainer(scratch.engine, id).container.status).toBe("created");
    expect(await scratch.engine.runtime.list()).toEqual([]);
  });

  test("with a user that its image has not, starts nothing and says so", async () => {
    const error = await failure(start(await create({ cmd: ["true"], user: "nobody-knows" })));
    expect(errorCode(error)).toBe("invalid");
    expect(error.message).toContain("nobody-knows");
  });

  test("refuses a jail parameter and a network driver that the host cannot give, and makes nothing", async () => {
    const before = await scratch.datasets();
    expect(errorCode(await failure(create({ jail_param: ["children.max=3"] })))).toBe("unsupported");
    expect(errorCode(await failure(create({ network_driver: "vnet" })))).toBe("unsupported");
    expect(await scratch.datasets()).toEqual(before);
  });

  test("is refused a name that another has", async () => {
    await create({ name: "taken" });
    const before = await scratch.datasets();
    expect(errorCode(await failure(create({ name: "taken" })))).toBe("conflict");
    expect(await scratch.datasets()).toEqual(before);
  });

  test("is stopped by SIGTERM, with every process of it, and may be stopped twice at once", async () => {
    const id = await create({ name: "stopped", cmd: STAY });
    const exec = await start(id);
    await start(id, ["sleep", "1000"], false);
    const results = await Promise.allSettled(
      [1, 2].map(() => stopContainer(scratch.engine, "stopped", { timeout: 5000 })),
    );
    expect(results.filter(({ status }) => status === "fulfilled").length).toBe(1);
    expect(inspectContainer(scratch.engine, id).container.status).toBe("exited");
    expect(await waitExec(scratch.engine, exec)).toEqual({ exitCode: 9, containerExited: true });
    expect(await scratch.engine.runtime.list()).toEqual([]);
  });

  test("that ignores SIGTERM is killed when its time is over", async () => {
    const id = await create({ cmd: ["sh", "-c", "trap '' TERM; touch /ready; while :; do sleep 0.1; done"] });
    await start(id);
    while (!existsSync(join(scratch.engine.layout.containerRoot(id), "ready"))) await Bun.sleep(5);
    await stopContainer(scratch.engine, id, { timeout: 200 });
    expect(inspectContainer(scratch.engine, id).container).toMatchObject({ status: "exited", exit_code: 137 });
  });

  test("that is not running cannot be stopped, nor have a process added", async () => {
    const id = await create({ cmd: STAY });
    expect(errorCode(await failure(stopContainer(scratch.engine, id, { timeout: 0 })))).toBe("conflict");
    expect(errorCode(await failure(start(id, ["true"], false)))).toBe("conflict");
    expect(inspectContainer(scratch.engine, id).container.status).toBe("created");
  });

  test("takes a signal for one of its processes", async () => {
    const id = await create({ cmd: STAY });
    await start(id);
    const exec = await start(id, ["sleep", "1000"], false);
    await signalExec(scratch.engine, exec, "SIGKILL");
    expect(await waitExec(scratch.engine, exec)).toEqual({ exitCode: 137, containerExited: false });
    await removeContainer(scratch.engine, id, { force: true });
  });

  test("that is to be removed at its end is gone, with its dataset and output, when waiting is over", async () => {
    const before = await scratch.datasets();
    const ran = await scratch.run({ image: "base", cmd: ["echo", "x"], auto_remove: true });
    expect(ran.stdout).toBe("x\n");
    expect(await scratch.datasets()).toEqual(before);
    expect(existsSync(scratch.engine.layout.containerLogs(ran.container))).toBe(false);
  });

  test("that runs is removed only by force", async () => {
    const id = await create({ cmd: STAY });
    await start(id);
    expect(errorCode(await failure(removeContainer(scratch.engine, id, { force: false })))).toBe("conflict");
    await removeContainer(scratch.engine, id, { force: true });
    expect(await scratch.datasets()).not.toContain(`container/${id}`);
    expect(await scratch.engine.runtime.list()).toEqual([]);
  });
});

describe("containers", () => {
  test("are listed newest first, the stopped ones only when asked for", async () => {
    const stopped = await create({ name: "z1" });
    const running = await create({ name: "z2", cmd: STAY });
    await start(running);
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
    expect(ids(await listContainers(scratch.engine, { all: false }))).toEqual([running]);
    expect(ids(await listContainers(scratch.engine, { all: true })).slice(0, 2)).toEqual([running, stopped]);
    await removeContainer(scratch.engine, "z2", { force: true });
  });

  test("are found by name and by the beginning of an ID, never by the empty string", async () => {
    const id = await create({ name: "found" });
    expect(inspectContainer(scratch.engine, "found").container.id).toBe(id);
    expect(inspectContainer(scratch.engine, id.slice(0, 11)).container.id).toBe(id);
    expect(errorCode(await failure(Promise.try(() => inspectContainer(scratch.engine, ""))))).toBe("not-found");
  });

  test("that share the beginning of an ID are listed in the answer", async () => {
    const ids = (await listContainers(scratch.engine, { all: true })).map(({ id }) => id);
    const shared = ids.find((id) => ids.filter((other) => other[0] === id[0]).length > 1) ?? "";
    const error = await failure(Promise.try(() => inspectContainer(scratch.engine, shared.slice(0, 1))));
    expect(errorCode(error)).toBe("ambiguous");
    for (const id of ids.filter((other) => other[0] === shared[0])) expect(error.message).toContain(id);
  });

  test("that do not run are all removed by prune, save those to be kept", async () => {
    const kept = await create({ persist: true });
    const running = await create({ cmd: STAY });
    await start(running);
    await pruneContainers(scratch.engine);
    expect((await listContainers(scratch.engine, { all: true })).map(({ id }) => id)).toEqual([running, kept]);
    for (const id of [running, kept]) await removeContainer(scratch.engine, id, { force: true });
  });
});

test("nobody but root reaches the programs of images and containers", async () => {
  const { layout } = scratch.engine;
  const container = await create({});
  const { image_id } = inspectContainer(scratch.engine, container).container;
  // setpriv(1) itself still has root's capabilities when it looks its program up.
  const asNobody = (program: string) =>
    Bun.spawnSync(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", program, "true"]).success;
  expect(asNobody("/bin/busybox")).toBe(true);
  for (const root of [layout.imageRoot(image_id as Id), layout.containerRoot(container)]) {
    expect(Bun.spawnSync([join(root, "bin/busybox"), "true"]).success).toBe(true);
    expect(asNobody(join(root, "bin/busybox"))).toBe(false);
  }
});

test("a whole ID is never taken for another container's name", async () => {
  const meant = await create({});
  const other = await create({ name: meant });
  expect(await removeContainer(scratch.engine, meant, { force: false })).toBe(meant);
  expect(inspectContainer(scratch.engine, other).container.name).toBe(meant);
});
