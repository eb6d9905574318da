import { describe, expect, test } from "bun:test";
import { type ExecOperations, execEndpoint } from "../../../src/api/exec-stream.ts";
import { parseAddress } from "../../../src/client/address.ts";
import { openWebSocket } from "../../../src/client/websocket.ts";
import type { Id } from "../../../src/contract/names.ts";
import { CHANNEL } from "../../../src/contract/stream.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Attached } from "../../../src/engine/exec/attach.ts";
import { KleeneError } from "../../../src/errors.ts";
import { channels, Serving } from "./serving.ts";

const ID = "0123456789ab" as Id;
const PATH = "/exec/start";
const STARTING = JSON.stringify({ msg_type: "starting", message: "", data: "" });

/** An attach operation whose process prints what `output` yields. */
function printing(output: Attached["output"]): ExecOperations["attachExec"] {
  return async () => ({ id: ID, output, [Symbol.dispose]() {} });
}

const OPERATIONS: ExecOperations = {
  startExec: async () => ID,
  attachExec: printing(async function* () {
    yield { stream: "stdout", chunk: new TextEncoder().encode("hello\n") };
    yield { stream: "stderr", chunk: new Uint8Array([0xff, 0x00]) };
  }),
  waitExec: async () => ({ exitCode: 3, containerExited: true }),
  signalExec: async () => {},
};

const serveExec = (operations: Partial<ExecOperations> = {}) =>
  new Serving({ [PATH]: execEndpoint({} as Engine, { ...OPERATIONS, ...operations }) });

/** A process that runs until something is resolved, or its client has gone. */
function running(): Pick<ExecOperations, "attachExec"> & { followed: Promise<void>; end: () => void } {
  const followed = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  return {
    followed: followed.promise,
    end: ended.resolve,
    attachExec: printing(async function* (signal) {
      yield { stream: "stdout", chunk: new Uint8Array([46]) };
      followed.resolve();
      signal.addEventListener("abort", () => ended.resolve(), { once: true });
      await ended.promise;
    }),
  };
}

describe("an attached process for Kleened's client", () => {
  test("starts, gives text as text and other bytes as they are, and ends with its status", async () => {
    await using serving = serveExec();
    const { frames, code, message } = await serving.ask(PATH, { exec_id: ID, attach: true, start_container: "true" });
    expect(frames).toEqual([STARTING, "hello\n", new Uint8Array([0xff, 0x00])]);
    expect(code).toBe(1000);
    expect(message).toEqual({
      msg_type: "closing",
      message: `executable ${ID} and its container exited with exit-code 3`,
      data: "",
    });
  });

  test("whose container lives on says so", async () => {
    await using serving = serveExec({ waitExec: async () => ({ exitCode: 0, containerExited: false }) });
    const { message } = await serving.ask(PATH, { exec_id: ID, attach: true, start_container: false });
    expect(message.message).toBe(`${ID} has exited with exit-code 0`);
  });

  test("that cannot be started starts all the same, gives the reason and ends with 1011", async () => {
    await using serving = serveExec({
      attachExec: async () => {
        throw new KleeneError("not-found", "nosuch: no such program in the container");
      },
    });
    const { frames, code, message } = await serving.ask(PATH, { exec_id: ID, attach: true, start_container: true });
    expect(frames).toEqual([STARTING, "nosuch: no such program in the container\n"]);
    expect(code).toBe(1011);
    expect(message.msg_type).toBe("error");
  });
});

test("the words true and false are booleans, and start_container is passed on", async () => {
  const asked: boolean[] = [];
  await using serving = serveExec({
    startExec: async (_engine, _identifier, { startContainer }) => {
      asked.push(startContainer);
      return ID;
    },
  });
  for (const start_container of [true, "true", false, "false"]) {
    await serving.ask(PATH, { exec_id: ID, attach: "false", start_container });
  }
  expect(asked).toEqual([true, true, false, false]);
});

test("a detached process is left alone, and its start is told by 1001", async () => {
  let followed = false;
  const signals: string[] = [];
  await using serving = serveExec({
    attachExec: printing(async function* () {
      followed = true;
      yield* [];
    }),
    signalExec: async (_engine, _id, signal) => void signals.push(signal),
  });
  const { code, message } = await serving.ask(PATH, { exec_id: ID, attach: false, start_container: true });
  expect(code).toBe(1001);
  expect(message.msg_type).toBe("closing");
  expect(followed).toBe(false);
  expect(signals).toEqual([]);
});

test("a detached process that cannot be started is not told by 1001", async () => {
  await using serving = serveExec({
    startExec: async () => {
      throw new KleeneError("conflict", "it runs already");
    },
  });
  const { code } = await serving.ask(PATH, { exec_id: ID, attach: false });
  expect(code).toBe(1011);
});

describe("a process for our own client", () => {
  test("gives stdout and stderr apart and the status in the result", async () => {
    await using serving = serveExec();
    const { frames, code } = await serving.ask(PATH, { exec_id: ID, attach: true, framed: true });
    expect(frames[0]).toBe(STARTING);
    expect(frames.slice(1, 3)).toEqual([
      new Uint8Array([CHANNEL.stdout, ...new TextEncoder().encode("hello\n")]),
      new Uint8Array([CHANNEL.stderr, 0xff, 0x00]),
    ]);
    expect(channels(frames).at(-1)).toEqual([CHANNEL.result, JSON.stringify({ exit_code: 3 })]);
    expect(code).toBe(1000);
  });

  const failures: [KleeneError, number][] = [
    [new KleeneError("not-found", "nosuch: no such program in the container"), 127],
    [new KleeneError("invalid", "/etc/passwd is not executable"), 126],
    [new KleeneError("unsupported", "no such jail parameter here"), 125],
  ];
  for (const [error, status] of failures) {
    test(`that fails to start with ${error.code} has the status ${status}`, async () => {
      await using serving = serveExec({
        attachExec: async () => {
          throw error;
        },
      });
      const { frames } = await serving.ask(PATH, { exec_id: ID, attach: true, framed: true });
      const [, result] = channels(frames).at(-1) ?? [];
      expect(JSON.parse(result ?? "")).toEqual({
        error: { message: error.message, code: error.code },
        exit_code: status,
      });
    });
  }

  test("is sent the signals that the client passes on, in any spelling", async () => {
    const process = running();
    const signals: string[] = [];
    await using serving = serveExec({
      ...process,
      signalExec: async (_engine, _id, signal) => {
        signals.push(signal);
        if (signals.length === 2) process.end();
      },
    });
    await serving.ask(PATH, { exec_id: ID, attach: true, framed: true }, (socket) => {
      socket.send("not JSON");
      socket.send('{"signal":"NOSUCH"}');
      socket.send('{"signal":"SIGINT"}');
      socket.send('{"signal":"TERM"}');
    });
    expect(signals).toEqual(["SIGINT", "SIGTERM"]);
  });
});

describe("an end before the end", () => {
  for (const framed of [false, true]) {
    test(`a client that goes away (framed: ${framed}) leaves its process a SIGTERM`, async () => {
      const process = running();
      const signaled = Promise.withResolvers<string>();
      await using serving = serveExec({
        ...process,
        signalExec: async (_engine, _id, signal) => signaled.resolve(signal),
      });
      const socket = serving.open(PATH);
      socket.onopen = () => socket.send(JSON.stringify({ exec_id: ID, attach: true, framed }));
      await process.followed;
      socket.close(1000);
      expect(await signaled.promise).toBe("SIGTERM");
    });
  }

  test("a daemon that ends tells the client and leaves the process alone", async () => {
    const process = running();
    const signals: string[] = [];
    await using serving = serveExec({
      ...process,
      signalExec: async (_engine, _id, signal) => void signals.push(signal),
    });
    const answer = serving.ask(PATH, { exec_id: ID, attach: true });
    await process.followed;
    await serving.streams.stop();
    const { frames, message } = await answer;
    expect(frames.at(-1)).toBe("the daemon is shutting down\n");
    expect(message.msg_type).toBe("error");
    expect(signals).toEqual([]);
  });
});

test("a client that reads slowly gets every byte in order", async () => {
  const COUNT = 400;
  await using serving = serveExec({
    attachExec: printing(async function* () {
      for (let index = 0; index < COUNT; index++) {
        yield { stream: "stdout", chunk: new Uint8Array(64 * 1024).fill(index % 251) };
      }
    }),
  });
  const socket = await openWebSocket(parseAddress(`http://${serving.socket}`), undefined, PATH);
  socket.send(JSON.stringify({ exec_id: ID, attach: true, framed: true }));
  let received = 0;
  for await (const message of socket.messages) {
    if (typeof message === "string" || message[0] !== CHANNEL.stdout) continue;
    if (received % 50 === 0) await Bun.sleep(1);
    expect(message.length).toBe(64 * 1024 + 1);
    expect(message[1]).toBe(received % 251);
    expect(message.at(-1)).toBe(received % 251);
    received++;
  }
  expect(received).toBe(COUNT);
  expect((await socket.closed).code).toBe(1000);
});
