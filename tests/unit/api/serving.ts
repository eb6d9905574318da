import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../../../src/api/endpoint.ts";
import { serve } from "../../../src/api/server.ts";
import type { Session } from "../../../src/api/session.ts";
import { Streams } from "../../../src/api/websocket.ts";
import { Activity } from "../../../src/engine/activity.ts";

export interface Answer {
  readonly frames: (string | Uint8Array)[];
  readonly code: number;
  readonly reason: string;
  /** The reason's JSON. */
  readonly message: { msg_type: string; message: string; data: string };
}

/** Streaming endpoints on a unix socket of their own. */
export class Serving implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "kleene-api-"));
  readonly socket = join(this.#directory, "api.sock");
  readonly activity = new Activity();
  readonly streams: Streams;
  readonly #server: Bun.Server<Session>;

  constructor(endpoints: Readonly<Record<string, Endpoint>>) {
    this.streams = new Streams(endpoints, this.activity);
    const api = serve({ fetch: () => new Response("no stream", { status: 404 }) }, this.streams);
    this.#server = Bun.serve<Session>({
      unix: this.socket,
      fetch: (request, server) => api.fetch(request, server),
      websocket: api.websocket,
    });
  }

  open(path: string): WebSocket {
    const socket = new WebSocket(`ws+unix://${this.socket}:${path}`);
    socket.binaryType = "arraybuffer";
    return socket;
  }

  /** Sends the configuration, and collects everything until the close. */
  async ask(path: string, config: unknown, onOpen?: (socket: WebSocket) => void): Promise<Answer> {
    const socket = this.open(path);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const frames: (string | Uint8Array)[] = [];
    socket.onopen = () => {
      socket.send(typeof config === "string" || config instanceof Uint8Array ? config : JSON.stringify(config));
      onOpen?.(socket);
    };
    socket.onmessage = ({ data }) => frames.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
    socket.onerror = () => reject(new Error(`no WebSocket at ${path}`));
    socket.onclose = ({ code, reason }) => resolve({ frames, code, reason, message: JSON.parse(reason || "{}") });
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The channel and payload of each binary frame. */
export function channels(frames: readonly (string | Uint8Array)[]): [number, string][] {
  return frames
    .filter((frame) => typeof frame !== "string")
    .map((frame) => [frame[0] ?? -1, Buffer.from(frame.subarray(1)).toString()]);
}
