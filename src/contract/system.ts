import * as v from "valibot";

export const VersionInfo = v.object({
  version: v.string(),
  commit: v.string(),
  /** `freebsd-x64`, `linux-aarch64` ... */
  target: v.string(),
  bun: v.string(),
});
export type VersionInfo = v.InferOutput<typeof VersionInfo>;

/** One fact about the host: what `kleene init` checks and `kleene info` shows. */
export const HostFact = v.object({ name: v.string(), value: v.string() });
export type HostFact = v.InferOutput<typeof HostFact>;

export const SystemInfo = v.object({
  daemon: VersionInfo,
  pid: v.number(),
  started: v.string(),
  host: v.array(HostFact),
  root_dataset: v.string(),
  mountpoint: v.string(),
  pool: v.object({ name: v.string(), size: v.number(), free: v.number(), health: v.string() }),
  images: v.number(),
  containers: v.number(),
  containers_running: v.number(),
});
export type SystemInfo = v.InferOutput<typeof SystemInfo>;
