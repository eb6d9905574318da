import { Hono } from "hono";
import type { Engine } from "../engine/engine.ts";
import { KleeneError } from "../errors.ts";
import { containerRoutes } from "./container.ts";
import { errorAnswer, errorStatus, escapeMarkup } from "./error.ts";
import { execRoutes } from "./exec.ts";
import { imageRoutes } from "./image.ts";
import { type DaemonFacts, systemRoutes } from "./system.ts";
import type { ApiEnv } from "./valid.ts";

/** Every route but the streaming ones, which `server.ts` upgrades to WebSockets. */
export function createApp(engine: Engine, facts: DaemonFacts) {
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    using _ = engine.activity.begin();
    // Our clients send no Origin: this is a web page, in a browser that can reach the daemon.
    if (c.req.header("Origin") !== undefined) throw new KleeneError("permission", "web pages may not use this API");
    await next();
  });
  app.notFound((c) => {
    throw new KleeneError("not-found", `there is no ${c.req.method} ${c.req.path}`);
  });
  app.onError((error, c) => {
    const { message, code } = errorAnswer(error);
    const older = c.req.header("User-Agent")?.startsWith("python-httpx") ?? false;
    return c.json({ message: older ? escapeMarkup(message) : message, code }, errorStatus(code, c.get("survivable")));
  });
  return app
    .route("/images", imageRoutes(engine))
    .route("/containers", containerRoutes(engine))
    .route("/exec", execRoutes(engine))
    .route("/", systemRoutes(engine, facts));
}

/** The routes with their types, for Hono's client. */
export type Api = ReturnType<typeof createApp>;
