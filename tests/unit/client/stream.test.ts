import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "../../../src/client/address.ts";
import { connect } from "../../../src/client/connection.ts";
import { startAttached } from "../../../src/client/exec.ts";
import { follow, type StreamListener } from "../../../src/client/stream.ts";
import { CHANNEL, type Channel } from "../../../src/contract/stream.ts";
import type { KleeneError } from "../../../src/errors.ts";

type Peer = Bun.ServerWebSocket<undefined>;

const directory = mkdtempSync(join(tmpdir(), "kleene-stream-"));
const socket = join(directory, "daemon.sock");
let onMessage: (peer: Peer, message: string | Buffer) => void = () => {};
let onDrain: (peer: Peer) => void = () => {};

const server = Bun.serve<undefined>({
  unix: socket,
  fetch(request, server) {
    if (new URL(request.url).pathname === "/images/create") return new Response("no stream here", { status: 404 });
    return server.upgrade(request, { data: undefined }) ? undefined : new Response("no upgrade", { status: 400 });
  },
  websocket: { message: (peer, message) => onMessage(peer, message), drain: (peer) => onDrain(peer) },
});
afterAll(async () => {
  await server.stop(true);
  rmSync(directory, { recursive: true });
});

const connection = connect({ address: parseAddress(`http://${socket}`), tls: undefined, autostart: false });

function frame(channel: Channel, payload: string | Uint8Array): Uint8Array {
  return Buffer.concat([new Uint8Array([CHANNEL[channel]]), Buffer.from(payload)]);
}

/** Collects what it is told. */
function recorder(): StreamListener & { readonly heard: [string, unknown][] } {
  const heard: [string, unknown][] = [];
  return {
    heard,
    output: async (stream, chunk) => void heard.push([stream, Buffer.from(chunk).toString("latin1")]),
    status: async (line) => void heard.push(["status", line]),
    progress: (progress) => void heard.push(["progress", progress]),
  };
}

beforeEach(() => {
  onMessage = () => {};
  onDrain = () => {};
});

const STARTING = JSON.stringify({ msg_type: "starting", message: "", data: "" });

describe("a framed stream", () => {
  test("asks for frames and hands out each channel apart, bytes as they are", async () => {
    const configurations: unknown[] = [];
    onMessage = (peer, message) => {
      configurations.push(JSON.parse(String(message)));
      peer.send(STARTING);
      peer.send(frame("status", "Step 1/1 : FROM base"));
      peer.send(frame("stdout", new Uint8Array([0xff, 0x00, 0xc3])));
      peer.send(frame("stderr", "warning"));
      peer.send(frame("progress", JSON.stringify({ what: "x", done: 1, total: null })));
      peer.send(frame("result", JSON.stringify({ id: "0123456789ab" })));
      peer.close(1000, JSON.stringify({ msg_type: "closing", message: "image created", data: "" }));
    };
    const listener = recorder();
    expect(await follow(connection, "/images/build", { context: "/x" }, listener)).toEqual({ id: "0123456789ab" });
    expect(configurations).toEqual([{ context: "/x", framed: true }]);
    expect(listener.heard).toEqual([
      ["status", "Step 1/1 : FROM base"],
      ["stdout", "\u00ff\u0000\u00c3"],
      ["stderr", "warning"],
      ["progress", { what: "x", done: 1, total: null }],
    ]);
  });

  test("fails with the result's code, message and exit status", async () => {
    onMessage = (peer) => {
      const error = { message: "the command returned 3", code: "failed" };
      peer.send(frame("result", JSON.stringify({ exit_code: 3, error })));
      peer.close(1011, "{}");
    };
    const failure = (await follow(connection, "/images/build", {}, recorder()).catch((error) => error)) as KleeneError;
    expect(failure).toMatchObject({ code: "failed", message: "the command returned 3", exitCode: 3 });
  });

  test("fails with the close's reason where there is no result", async () => {
    onMessage = (peer) => peer.close(1011, JSON.stringify({ msg_type: "error", message: "shutting down", data: "" }));
    await expect(follow(connection, "/images/build", {}, recorder())).rejects.toThrow("shutting down");
  });

  test("fails when the daemon is gone in the middle", async () => {
    onMessage = (peer) => {
      peer.send(frame("stdout", "half"));
      peer.terminate();
    };
    await expect(follow(connection, "/images/build", {}, recorder())).rejects.toThrow(
      "closed the connection before the end",
    );
  });

  test("fails when the daemon has no such stream", async () => {
    await expect(follow(connection, "/images/create", {}, recorder())).rejects.toThrow("refused the stream");
  });

  test("passes signals on to the process and gives its exit status", async () => {
    const messages: unknown[] = [];
    onMessage = (peer, message) => {
      messages.push(JSON.parse(String(message)));
      if (messages.length === 1) peer.send(frame("stdout", "ready"));
      else {
        peer.send(frame("result", JSON.stringify({ exit_code: 130 })));
        peer.close(1000, JSON.stringify({ msg_type: "closing", message: "exited", data: "" }));
      }
    };
    let send: (signal: NodeJS.Signals) => void = () => {};
    const listener = { ...recorder(), output: async () => send("SIGINT") };
    const status = await startAttached(connection, "0123456789ab", true, listener, (control) => {
      send = control;
    });
    expect(status).toBe(130);
    expect(messages).toEqual([
      { exec_id: "0123456789ab", attach: true, start_container: true, framed: true },
      { signal: "SIGINT" },
    ]);
  });

  test.each([
    ["not-found", "sh: no such program", 127],
    ["invalid", "sh: not an executable program", 126],
    ["invalid", "no such user", undefined],
  ])("a process that does not start for %s (%s) has the exit status %p", async (code, message, exitCode) => {
    onMessage = (peer) => {
      peer.send(frame("result", JSON.stringify({ error: { message, code } })));
      peer.close(1011, "{}");
    };
    const ended = startAttached(connection, "0123456789ab", true, recorder(), () => {});
    expect(await ended.catch((error) => error)).toMatchObject({ message, exitCode });
  });

  test("makes the daemon wait for a slow reader, and loses nothing", async () => {
    const total = 64 * 1024 * 1024;
    const chunk = frame("stdout", new Uint8Array(64 * 1024));
    let sent = 0;
    const fill = (peer: Peer) => {
      while (sent < total) {
        const taken = peer.send(chunk);
        sent += chunk.length - 1;
        if (taken <= 0) return;
      }
      peer.send(frame("result", JSON.stringify({ exit_code: 0 })));
      peer.close(1000, "{}");
    };
    onMessage = (peer) => fill(peer);
    onDrain = (peer) => {
      if (sent < total) fill(peer);
    };
    const read = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    let received = 0;
    const listener: StreamListener = {
      ...recorder(),
      output: async (_, bytes) => {
        received += bytes.length;
        first.resolve();
        await read.promise;
      },
    };
    const ended = follow(connection, "/exec/start", {}, listener);
    await first.promise;
    // Until nothing more goes out: the kernel's buffers and ours are full.
    for (let before = -1; before !== sent; await Bun.sleep(50)) before = sent;
    expect(sent).toBeLessThan(total / 4);
    read.resolve();
    expect(await ended).toEqual({ exit_code: 0 });
    expect(received).toBe(sent);
    expect(received).toBeGreaterThanOrEqual(total);
  });
});

test("a daemon that is not there is said to be so", async () => {
  const nobody = connect({ address: parseAddress(`http://${directory}/none.sock`), tls: undefined, autostart: false });
  const message = `no daemon answers on ${directory}/none.sock`;
  await expect(follow(nobody, "/exec/start", {}, recorder())).rejects.toThrow(message);
  await expect(nobody.request("GET", "/info")).rejects.toThrow(message);
});
