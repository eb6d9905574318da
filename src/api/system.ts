import { Hono } from "hono";
import type { SystemInfo } from "../contract/system.ts";
import type { Engine } from "../engine/engine.ts";
import { systemInfo } from "../engine/system/info.ts";
import type { ApiEnv } from "./valid.ts";

/** What the daemon knows of itself. */
export type DaemonFacts = Pick<SystemInfo, "daemon" | "pid" | "started">;

export const systemRoutes = (engine: Engine, facts: DaemonFacts) =>
  new Hono<ApiEnv>()
    .get("/ping", (c) => c.json({ ok: true }))
    .get("/version", (c) => c.json(facts.daemon))
    .get("/info", async (c) => c.json({ ...facts, ...(await systemInfo(engine)) }));
