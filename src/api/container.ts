import { Hono } from "hono";
import * as v from "valibot";
import { ContainerConfig } from "../contract/container.ts";
import { LooseBoolean } from "../contract/names.ts";
import { createContainer } from "../engine/container/create.ts";
import { inspectContainer } from "../engine/container/inspect.ts";
import { listContainers } from "../engine/container/list.ts";
import { pruneContainers } from "../engine/container/prune.ts";
import { removeContainer } from "../engine/container/remove.ts";
import { stopContainer } from "../engine/container/stop.ts";
import type { Engine } from "../engine/engine.ts";
import { type ApiEnv, ById, survivable, valid } from "./valid.ts";

/** Seconds; Kleened's client waits five for its answer. */
const STOP_TIMEOUT = 3.5;
const MAX_STOP_TIMEOUT = 24 * 3600;

const StopQuery = v.object({
  timeout: v.optional(
    v.pipe(
      v.union([
        v.number(),
        v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/, "not a number of seconds"), v.transform(Number)),
      ]),
      v.minValue(0),
      v.maxValue(MAX_STOP_TIMEOUT),
    ),
    STOP_TIMEOUT,
  ),
});

export const containerRoutes = (engine: Engine) =>
  new Hono<ApiEnv>()
    .get("/list", valid("query", v.object({ all: v.optional(LooseBoolean, false) })), async (c) =>
      c.json(await listContainers(engine, { all: c.req.valid("query").all })),
    )
    .get("/:id/inspect", survivable(404, 500), valid("param", ById), (c) =>
      c.json(inspectContainer(engine, c.req.valid("param").id)),
    )
    .post("/create", survivable(404, 500), valid("json", ContainerConfig), async (c) =>
      c.json({ id: await createContainer(engine, c.req.valid("json")) }, 201),
    )
    .post("/prune", survivable(500), async (c) => c.json(await pruneContainers(engine)))
    .post("/:id/stop", survivable(404, 500), valid("param", ById), valid("query", StopQuery), async (c) => {
      const timeout = c.req.valid("query").timeout * 1000;
      return c.json({ id: await stopContainer(engine, c.req.valid("param").id, { timeout }) });
    })
    .delete(
      "/:id",
      survivable(404, 409, 500),
      valid("param", ById),
      valid("query", v.object({ force: v.optional(LooseBoolean, false) })),
      async (c) => {
        const { force } = c.req.valid("query");
        return c.json({ id: await removeContainer(engine, c.req.valid("param").id, { force }) });
      },
    );
