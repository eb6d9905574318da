import * as v from "valibot";
import { EnvironmentVariable, JailParameter, LooseBoolean, ObjectName } from "./names.ts";

export const NetworkDriver = v.picklist(["ipnet", "host", "vnet", "disabled"]);
export type NetworkDriver = v.InferOutput<typeof NetworkDriver>;

export const RestartPolicy = v.picklist(["no", "on-startup"]);
export type RestartPolicy = v.InferOutput<typeof RestartPolicy>;

export const MountPointConfig = v.object({
  type: v.picklist(["volume", "nullfs"]),
  source: v.string(),
  destination: v.string(),
  read_only: v.optional(LooseBoolean, false),
});
export type MountPointConfig = v.InferOutput<typeof MountPointConfig>;

export const PublishedPortConfig = v.object({
  interfaces: v.optional(v.array(v.string()), []),
  host_port: v.string(),
  container_port: v.string(),
  protocol: v.optional(v.picklist(["tcp", "udp"]), "tcp"),
});
export type PublishedPortConfig = v.InferOutput<typeof PublishedPortConfig>;

/** A request for a container. `cmd: []` and `user: ""` mean the image's. */
export const ContainerConfig = v.object({
  /** null or absent: Kleene invents one. */
  name: v.nullish(ObjectName),
  /** `IMAGE[:TAG][@SNAPSHOT]` or an ID. */
  image: v.pipe(v.string(), v.nonEmpty("an image is needed")),
  cmd: v.optional(v.nullable(v.array(v.string())), []),
  user: v.optional(v.nullable(v.string()), ""),
  env: v.optional(v.array(EnvironmentVariable), []),
  mounts: v.optional(v.array(MountPointConfig), []),
  jail_param: v.optional(v.array(JailParameter), []),
  network_driver: v.optional(NetworkDriver, "ipnet"),
  public_ports: v.optional(v.array(PublishedPortConfig), []),
  restart_policy: v.optional(v.nullable(RestartPolicy), "no"),
  persist: v.optional(LooseBoolean, false),
  /** Kleene's addition: removed when its first process has ended. */
  auto_remove: v.optional(LooseBoolean, false),
});
export type ContainerConfig = v.InferOutput<typeof ContainerConfig>;
export type ContainerRequest = v.InferInput<typeof ContainerConfig>;

export const ContainerStatus = v.picklist(["creating", "created", "running", "exited", "removing"]);
export type ContainerStatus = v.InferOutput<typeof ContainerStatus>;

export const Container = v.object({
  id: v.string(),
  name: v.string(),
  image_id: v.string(),
  cmd: v.array(v.string()),
  user: v.string(),
  env: v.array(v.string()),
  network_driver: NetworkDriver,
  public_ports: v.array(v.never()),
  jail_param: v.array(v.string()),
  restart_policy: RestartPolicy,
  persist: v.boolean(),
  created: v.string(),
  dataset: v.string(),
  running: v.boolean(),
  /** Kleene's additions. */
  status: ContainerStatus,
  /** Exit status of the first process, once it has ended. */
  exit_code: v.nullable(v.number()),
  started: v.nullable(v.string()),
  finished: v.nullable(v.string()),
  workdir: v.string(),
  auto_remove: v.boolean(),
});
export type Container = v.InferOutput<typeof Container>;

export const ContainerSummary = v.object({
  ...Container.entries,
  image_name: v.string(),
  image_tag: v.string(),
  jid: v.nullable(v.number()),
});
export type ContainerSummary = v.InferOutput<typeof ContainerSummary>;

export const ContainerInspect = v.object({
  container: Container,
  container_endpoints: v.array(v.never()),
  container_mountpoints: v.array(v.never()),
});
export type ContainerInspect = v.InferOutput<typeof ContainerInspect>;
