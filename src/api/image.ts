import { Hono } from "hono";
import * as v from "valibot";
import { LooseBoolean } from "../contract/names.ts";
import type { Engine } from "../engine/engine.ts";
import { inspectImage } from "../engine/image/inspect.ts";
import { listImages } from "../engine/image/list.ts";
import { pruneImages } from "../engine/image/prune.ts";
import { removeImage } from "../engine/image/remove.ts";
import { tagImage } from "../engine/image/tag.ts";
import { type ApiEnv, survivable, valid } from "./valid.ts";

/** An image is named by ID or `name:tag`, and a name may hold slashes, which clients do not escape. */
export const imageRoutes = (engine: Engine) =>
  new Hono<ApiEnv>()
    .get("/list", (c) => c.json(listImages(engine)))
    .get("/:image{.+}/inspect", survivable(404, 500), (c) => c.json(inspectImage(engine, c.req.param("image"))))
    .post("/prune", valid("query", v.object({ all: v.optional(LooseBoolean, false) })), async (c) =>
      c.json(await pruneImages(engine, { all: c.req.valid("query").all })),
    )
    .post(
      "/:image{.+}/tag",
      survivable(404, 500),
      valid("query", v.object({ nametag: v.pipe(v.string(), v.nonEmpty("the new name is missing")) })),
      (c) => c.json({ id: tagImage(engine, c.req.param("image"), c.req.valid("query").nametag) }),
    )
    .delete("/:image{.+}", survivable(404, 500), async (c) =>
      c.json({ id: await removeImage(engine, c.req.param("image")) }),
    );
