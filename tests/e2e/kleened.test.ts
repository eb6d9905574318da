import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInstallation, EXECUTABLE, type Installation } from "../installation.ts";
import { begin, type Command, directoryWith, until } from "./command.ts";
import { type State, stateOf } from "./host-state.ts";

const ID = /^[0-9a-f]{12}$/;

let it: Installation;
let kleened: Command;
let before: State;

beforeAll(async () => {
  it = await createInstallation();
  const program = join(it.pool.directory, "kleened");
  await symlink(EXECUTABLE, program);
  kleened = begin(it, ["--host", it.env.KLEENE_HOST ?? ""], { program });
  await until("kleened answers", async () => (await it.kleene("info")).exitCode === 0);
});
afterAll(async () => {
  kleened.kill("SIGTERM");
  await kleened.ended;
  await it?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  before = await stateOf(it);
});

/** A request as Kleened's client sends it. */
async function ask(method: "GET" | "POST" | "DELETE", path: string, body?: object) {
  const response = await fetch(`http://localhost${path}`, {
    method,
    unix: it.socket,
    headers: { "User-Agent": "python-httpx/0.23.3", ...(body ? { "Content-Type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

interface Conversation {
  readonly frames: readonly (string | Uint8Array)[];
  readonly code: number;
  readonly reason: string;
}

/** Opens a WebSocket, sends the configuration as one text frame, and listens to the end. */
async function converse(path: string, config: unknown, onFrame?: (socket: WebSocket) => void): Promise<Conversation> {
  const socket = new WebSocket(`ws+unix://${it.socket}:${path}`);
  socket.binaryType = "arraybuffer";
  const frames: (string | Uint8Array)[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Conversation>();
  socket.onopen = () => socket.send(typeof config === "string" ? config : JSON.stringify(config));
  socket.onmessage = ({ data }) => {
    frames.push(typeof data === "string" ? data : new Uint8Array(data));
    onFrame?.(socket);
  };
  socket.onclose = ({ code, reason }) => resolve({ frames, code, reason });
  socket.onerror = () => reject(new Error(`cannot open ${path}`));
  return await promise;
}

/** The close reason's message. It has to fit into a control frame. */
function closing({ reason }: Conversation): { msg_type: string; message: string; data: string } {
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  return JSON.parse(reason);
}

function text({ frames }: Conversation): string {
  return frames.map((frame) => (typeof frame === "string" ? frame : Buffer.from(frame).toString("latin1"))).join("");
}

const CREATE = {
  ...{ method: "fetch", url: "", zfs_dataset: "", tag: "base" },
  ...{ dns: false, localtime: false, update: false, autotag: true },
};
const BUILD = {
  ...{ context: "", dockerfile: "Dockerfile", tag: "", quiet: "false", cleanup: false, buildargs: {}, networks: [] },
  container_config: {
    ...{ name: null, cmd: null, image: null, user: "", env: [], mounts: [], jail_param: [], network_driver: "host" },
  },
};
const CONTAINER = {
  ...{ cmd: [], env: [], image: "base", jail_param: [], mounts: [], name: "agile_turing", network_driver: "host" },
  ...{ persist: false, public_ports: [], restart_policy: "no", user: "" },
};

async function createContainer(config: Partial<Record<keyof typeof CONTAINER, unknown>>): Promise<string> {
  const { status, body } = await ask("POST", "/containers/create", { ...CONTAINER, ...config });
  expect({ status, id: body.id }).toEqual({ status: 201, id: expect.stringMatching(ID) });
  return body.id;
}

async function createExec(container: string, config: object = {}): Promise<string> {
  const request = { cmd: [], container_id: container, env: [], tty: false, user: "", ...config };
  const { status, body } = await ask("POST", "/exec/create", request);
  expect(status).toBe(201);
  return body.id;
}

describe("a base image for Kleened's client", () => {
  test("begins with a starting message and ends with the image's ID in the close reason", async () => {
    const conversation = await converse("/images/create", { ...CREATE, url: it.archive });
    expect(JSON.parse(String(conversation.frames[0]))).toEqual({ msg_type: "starting", message: "", data: "" });
    const message = closing(conversation);
    expect(conversation.code).toBe(1000);
    expect(message).toEqual({ msg_type: "closing", message: "image created", data: expect.stringMatching(ID) });
    expect((await ask("GET", "/images/list")).body).toMatchObject([{ id: message.data, name: "base", tag: "latest" }]);
  });

  test("that cannot be made tells the reason in a text frame before the close", async () => {
    const url = join(it.pool.directory, "nowhere", "x".repeat(150));
    const conversation = await converse("/images/create", { ...CREATE, url });
    expect(conversation.code).toBe(1011);
    expect(text(conversation)).toContain(`the archive ${url} does not exist`);
    expect(closing(conversation)).toMatchObject({ msg_type: "error", data: "" });
    expect(closing(conversation).message).toStartWith("image creation failed: ");
    expect(await stateOf(it)).toEqual(before);
  });

  test.each<[string, string]>([
    ["is not JSON", "{"],
    ["lacks everything", "{}"],
    ["has an unknown method", JSON.stringify({ ...CREATE, method: "bogus" })],
  ])("whose configuration %s is refused over the socket", async (_, config) => {
    const conversation = await converse("/images/create", config);
    expect(JSON.parse(String(conversation.frames[0]))).toMatchObject({ msg_type: "starting" });
    expect(conversation.code).toBe(1011);
    expect(closing(conversation).msg_type).toBe("error");
    expect(await stateOf(it)).toEqual(before);
  });
});

describe("a build for Kleened's client", () => {
  const build = async (dockerfile: string, config: object = {}) => {
    const context = await directoryWith(it, `context-${Bun.randomUUIDv7()}`, { Dockerfile: dockerfile });
    return await converse("/images/build", { ...BUILD, context, tag: "built", ...config });
  };

  test("sends status lines each in a text frame of its own, without a newline, and output unchanged", async () => {
    const conversation = await build("FROM base\nRUN printf 'one\\ntwo'\n");
    expect(conversation.frames.every((frame) => typeof frame === "string")).toBe(true);
    const [starting, ...rest] = conversation.frames.map(String);
    const { data: id } = closing(conversation);
    expect(JSON.parse(starting ?? "")).toEqual({ msg_type: "starting", message: "", data: id });
    const output = rest.filter((frame) => !/^(Step|-->)/.test(frame));
    expect(rest.filter((frame) => /^(Step|-->)/.test(frame))).toEqual([
      "Step 1/2 : FROM base",
      "Step 2/2 : RUN printf 'one\\ntwo'",
      expect.stringMatching(/^--> Snapshot created: @[0-9a-f]{12}$/),
    ]);
    expect(output.join("")).toBe("one\ntwo");
    expect(conversation.code).toBe(1000);
    expect(closing(conversation)).toEqual({ msg_type: "closing", message: "image created", data: id });
    expect((await ask("DELETE", "/images/built:latest")).body).toEqual({ id: "built:latest" });
    expect(await stateOf(it)).toEqual(before);
  });

  test('with quiet "true" sends nothing but the end', async () => {
    const conversation = await build("FROM base\nRUN echo noise\n", { quiet: "true" });
    expect(conversation.frames).toHaveLength(1);
    await ask("DELETE", `/images/${closing(conversation).data}`);
    expect(await stateOf(it)).toEqual(before);
  });

  test("that fails names the code in a text frame and the snapshot in the close reason, and is kept", async () => {
    const conversation = await build("FROM base\nRUN true\nRUN exit 3\n");
    expect(conversation.code).toBe(1011);
    expect(text(conversation)).toContain("The command '/bin/sh -c exit 3' returned a non-zero code: 3");
    const message = closing(conversation);
    expect(message).toMatchObject({ msg_type: "error", message: "image build failed" });
    expect(message.data).toMatch(/^@[0-9a-f]{12}$/);
    expect((await ask("GET", "/images/built:failed/inspect")).body).toMatchObject({ name: "built", tag: "failed" });
    await ask("DELETE", "/images/built:failed");
    expect(await stateOf(it)).toEqual(before);
  });

  test("whose Dockerfile is wrong says so, line by line", async () => {
    const conversation = await build("FROM base\nFETCH it\nCOPY x\n");
    expect(JSON.parse(String(conversation.frames[0]))).toEqual({ msg_type: "starting", message: "", data: "" });
    expect(text(conversation)).toMatch(/line 2: FETCH.*\n.*line 3: COPY/);
    expect(closing(conversation)).toEqual({ msg_type: "error", message: "failed to process Dockerfile", data: "" });
    expect(await stateOf(it)).toEqual(before);
  });

  test("whose client goes away is stopped and cleaned up", async () => {
    const dockerfile = "FROM base\nRUN echo begun; sleep 1000\n";
    const context = await directoryWith(it, "abandoned", { Dockerfile: dockerfile });
    let seen = "";
    await converse("/images/build", { ...BUILD, context, tag: "gone" }, (socket) => {
      seen += ".";
      if (seen.length === 4) socket.close(1000);
    });
    await until("everything is cleaned up", async () => Bun.deepEquals(await stateOf(it), before));
  });
});

describe("a container for Kleened's client", () => {
  test("is created, listed, started, inspected, stopped and removed", async () => {
    const id = await createContainer({ cmd: ["sleep", "1000"], env: ["A=1"] });
    const exec = await createExec(id);
    const start = { exec_id: exec, attach: false, start_container: true };
    expect(await converse("/exec/start", start)).toMatchObject({ code: 1001 });

    const listed = (await ask("GET", "/containers/list?all=false")).body;
    expect(listed).toMatchObject([
      { id, name: "agile_turing", image_name: "base", image_tag: "latest", running: true },
    ]);
    const inspected = (await ask("GET", `/containers/${id.slice(0, 5)}/inspect`)).body;
    expect(inspected).toMatchObject({ container: { id }, container_endpoints: [], container_mountpoints: [] });

    const refused = await ask("DELETE", "/containers/agile_turing");
    expect(refused).toMatchObject({ status: 409, body: { message: "you cannot remove a running container" } });
    expect(await ask("POST", `/containers/${id}/stop`)).toEqual({ status: 200, body: { id } });
    const again = await ask("POST", `/containers/${id}/stop`);
    expect(again).toMatchObject({ status: 404, body: { message: "container not running" } });
    expect(await ask("DELETE", `/containers/${id}`)).toEqual({ status: 200, body: { id } });
    expect((await ask("GET", `/containers/${id}/inspect`)).status).toBe(404);
    expect(await stateOf(it)).toEqual(before);
  });

  test.each<[string, string, (string | number[])[]]>([
    ["as text, where it is text", "printf 'gr\\303\\274n\\n'", ["grün\n"]],
    ["as bytes, where it is not", "printf '\\377\\000'", [[0xff, 0]]],
  ])("gives its output %s, and its exit code in the close reason", async (_, script, expected) => {
    const id = await createContainer({ cmd: ["sh", "-c", `${script}; exit 3`] });
    const exec = await createExec(id);
    const conversation = await converse("/exec/start", { exec_id: exec, attach: true, start_container: "true" });
    const [starting, ...output] = conversation.frames;
    expect(JSON.parse(String(starting))).toEqual({ msg_type: "starting", message: "", data: "" });
    expect(output.map((frame) => (typeof frame === "string" ? frame : [...frame]))).toEqual(expected);
    expect(conversation.code).toBe(1000);
    const message = `executable ${exec} and its container exited with exit-code 3`;
    expect(closing(conversation)).toEqual({ msg_type: "closing", message, data: "" });
    await ask("DELETE", `/containers/${id}`);
    expect(await stateOf(it)).toEqual(before);
  });

  test("lives on when a further process of it has ended", async () => {
    const id = await createContainer({ cmd: ["sleep", "1000"] });
    await converse("/exec/start", { exec_id: await createExec(id), attach: false, start_container: true });
    const exec = await createExec(id, { cmd: ["sh", "-c", "echo $B; exit 4"], env: ["B=2"] });
    const conversation = await converse("/exec/start", { exec_id: exec, attach: true, start_container: "true" });
    expect(text(conversation)).toEndWith("2\n");
    expect(closing(conversation).message).toBe(`${exec} has exited with exit-code 4`);
    expect((await ask("GET", "/containers/list?all=false")).body).toHaveLength(1);
    expect((await ask("POST", `/containers/${id}/stop`)).status).toBe(200);
    await ask("DELETE", `/containers/${id}`);
    expect(await stateOf(it)).toEqual(before);
  });

  test("that cannot be started closes with an error after the starting message", async () => {
    const id = await createContainer({ cmd: ["no-such-program"] });
    const start = { exec_id: await createExec(id), attach: true, start_container: true };
    const conversation = await converse("/exec/start", start);
    expect(JSON.parse(String(conversation.frames[0]))).toMatchObject({ msg_type: "starting" });
    expect(text(conversation)).toContain("no-such-program: no such program in the container");
    expect(conversation.code).toBe(1011);
    expect(closing(conversation).msg_type).toBe("error");
    await ask("DELETE", `/containers/${id}`);
    expect(await stateOf(it)).toEqual(before);
  });
});

test("every failure has a status that Kleened's client survives, and a message", async () => {
  const refusals: [Parameters<typeof ask>, number[]][] = [
    [["GET", "/images/nothing/inspect"], [404]],
    [["GET", "/images/no/such:image@ffffffffffff/inspect"], [404]],
    [["DELETE", "/images/nothing"], [404]],
    [["POST", "/images/nothing/tag?nametag=a%3Ab"], [404]],
    [["GET", "/containers/nothing/inspect"], [404]],
    [["DELETE", "/containers/nothing"], [404]],
    [["POST", "/containers/nothing/stop"], [404]],
    [["POST", "/containers/create", { ...CONTAINER, image: "nothing" }], [404]],
    [["POST", "/containers/create", { ...CONTAINER, name: "a/b" }], [404]],
    [["POST", "/containers/create", { ...CONTAINER, env: 7 }], [404]],
    [["POST", "/exec/create", { cmd: [], container_id: "nothing", env: [], tty: false, user: "" }], [404]],
  ];
  for (const [request, statuses] of refusals) {
    const { status, body } = await ask(...request);
    expect(statuses).toContain(status);
    expect(body.message).toBeString();
    expect(body.message).not.toBe("");
  }
  expect(await stateOf(it)).toEqual(before);
});

test("a link named kleened runs the daemon", async () => {
  const words = (await readFile(`/proc/${kleened.pid}/cmdline`, "utf8")).split("\0");
  expect(words.slice(0, 2)).toEqual([join(it.pool.directory, "kleened"), "--host"]);
  expect((await ask("GET", "/version")).body).toMatchObject({ version: expect.any(String) });
  expect(JSON.parse(await it.ok("info", "--json")).pid).toBe(kleened.pid);
});
