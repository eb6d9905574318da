import type { Server, WebSocketHandler } from "bun";
import { buildImage } from "../engine/build/build.ts";
import type { Engine } from "../engine/engine.ts";
import { attachExec } from "../engine/exec/attach.ts";
import { signalExec } from "../engine/exec/signal.ts";
import { startExec } from "../engine/exec/start.ts";
import { waitExec } from "../engine/exec/wait.ts";
import { createImage } from "../engine/image/create.ts";
import { createApp } from "./app.ts";
import { execEndpoint } from "./exec-stream.ts";
import { buildEndpoint, createEndpoint } from "./image-stream.ts";
import type { Session } from "./session.ts";
import type { DaemonFacts } from "./system.ts";
import { Streams } from "./websocket.ts";

/** What a listener serves: the routes, and the streaming endpoints over WebSockets. */
export interface ApiServer {
  fetch(request: Request, server: Server<Session>): Response | Promise<Response> | undefined;
  readonly websocket: WebSocketHandler<Session>;
  /** Ends every stream; resolves when their operations have cleaned up. */
  stop(): Promise<void>;
}

export function createApiServer(engine: Engine, facts: DaemonFacts): ApiServer {
  const streams = new Streams(
    {
      "/images/build": buildEndpoint(engine, buildImage),
      "/images/create": createEndpoint(engine, createImage),
      "/exec/start": execEndpoint(engine, { startExec, attachExec, waitExec, signalExec }),
    },
    engine.activity,
  );
  return serve(createApp(engine, facts), streams);
}

/** Joins routes and streams: a WebSocket of a streaming path is always opened, so that errors can be told over it. */
export function serve(app: { fetch(request: Request): Response | Promise<Response> }, streams: Streams): ApiServer {
  return {
    fetch(request, server) {
      const path = new URL(request.url).pathname;
      // Web pages send an Origin; the routes refuse them.
      const session = request.headers.has("Origin") ? undefined : streams.session(path);
      if (session !== undefined && server.upgrade(request, { data: session })) return undefined;
      return app.fetch(request);
    },
    websocket: streams.handler(),
    stop: () => streams.stop(),
  };
}
