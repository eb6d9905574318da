import { Hono } from "hono";
import { ExecConfig, SignalConfig } from "../contract/exec.ts";
import type { Engine } from "../engine/engine.ts";
import { createExec } from "../engine/exec/create.ts";
import { signalExec } from "../engine/exec/signal.ts";
import { signalName } from "./signal-name.ts";
import { type ApiEnv, ById, survivable, valid } from "./valid.ts";

export const execRoutes = (engine: Engine) =>
  new Hono<ApiEnv>()
    .post("/create", survivable(404, 500), valid("json", ExecConfig), async (c) =>
      c.json({ id: await createExec(engine, c.req.valid("json")) }, 201),
    )
    .post("/:id/signal", valid("param", ById), valid("json", SignalConfig), async (c) => {
      const { id } = c.req.valid("param");
      await signalExec(engine, id, signalName(c.req.valid("json").signal));
      return c.json({ id });
    });
