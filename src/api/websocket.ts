import type { WebSocketHandler } from "bun";
import type { Activity } from "../engine/activity.ts";
import { KleeneError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { Session } from "./session.ts";

/** Bun drops frames beyond this; a connection holds them back long before. */
const MAX_BUFFERED = 16 * 1024 * 1024;

/** The streaming endpoints by their path, and what is under way at them. */
export class Streams {
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #activity: Activity;
  readonly #sessions = new Set<Session>();

  constructor(endpoints: Readonly<Record<string, Endpoint>>, activity: Activity) {
    this.#endpoints = new Map(Object.entries(endpoints));
    this.#activity = activity;
  }

  /** A new session for a streaming path; undefined for any other path. */
  session(path: string): Session | undefined {
    const endpoint = this.#endpoints.get(path);
    return endpoint === undefined ? undefined : new Session(endpoint);
  }

  /**
   * The WebSocket part of `Bun.serve`. Bun answers pings; no silence is too long, since a build may be silent and a
   * client that waits for its own reader answers no pings.
   */
  handler(): WebSocketHandler<Session> {
    return {
      idleTimeout: 0,
      backpressureLimit: MAX_BUFFERED,
      perMessageDeflate: false,
      open: (ws) => this.#opened(ws.data, ws),
      message: (ws, frame) => ws.data.received(frame),
      drain: (ws) => ws.data.hasRoom(),
      close: (ws) => ws.data.closed(),
    };
  }

  /** Ends every stream, telling its client why; resolves when their operations have cleaned up. */
  async stop(): Promise<void> {
    const reason = new KleeneError("unavailable", "the daemon is shutting down");
    for (const session of this.#sessions) session.stop(reason);
    await Promise.all([...this.#sessions].map((session) => session.done));
  }

  #opened(session: Session, socket: Parameters<Session["opened"]>[0]): void {
    const activity = this.#activity.begin();
    this.#sessions.add(session);
    void session.done.then(() => {
      this.#sessions.delete(session);
      activity[Symbol.dispose]();
    });
    session.opened(socket);
  }
}
