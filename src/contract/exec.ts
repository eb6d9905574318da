import * as v from "valibot";
import { EnvironmentVariable, Identifier, LooseBoolean } from "./names.ts";

/** A request for an execution instance. Empty `cmd`, `user` and `env` mean the container's own. */
export const ExecConfig = v.object({
  container_id: Identifier,
  cmd: v.optional(v.array(v.string()), []),
  user: v.optional(v.string(), ""),
  env: v.optional(v.array(EnvironmentVariable), []),
  tty: v.optional(LooseBoolean, false),
});
export type ExecConfig = v.InferOutput<typeof ExecConfig>;
export type ExecRequest = v.InferInput<typeof ExecConfig>;

/** The first frame of `/exec/start`. */
export const ExecStartConfig = v.object({
  exec_id: Identifier,
  attach: v.optional(LooseBoolean, true),
  start_container: v.optional(LooseBoolean, false),
  /** Kleene's addition: see `stream.ts`. */
  framed: v.optional(LooseBoolean, false),
});
export type ExecStartConfig = v.InferOutput<typeof ExecStartConfig>;
export type ExecStartRequest = v.InferInput<typeof ExecStartConfig>;

/** POST /exec/ID/signal, Kleene's addition. */
export const SignalConfig = v.object({
  signal: v.pipe(v.string(), v.regex(/^(SIG)?[A-Z0-9]{2,12}$/, "not a signal's name")),
});
export type SignalConfig = v.InferOutput<typeof SignalConfig>;
