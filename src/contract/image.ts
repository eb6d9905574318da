import * as v from "valibot";
import { MountPointConfig, NetworkDriver } from "./container.ts";
import { EnvironmentVariable, JailParameter, LooseBoolean } from "./names.ts";

/** One instruction of the Dockerfile, and the snapshot taken after it or "". */
export const ImageInstruction = v.tuple([v.string(), v.string()]);

export const Image = v.object({
  id: v.string(),
  name: v.string(),
  tag: v.string(),
  cmd: v.array(v.string()),
  env: v.array(v.string()),
  user: v.string(),
  instructions: v.array(ImageInstruction),
  created: v.string(),
  dataset: v.string(),
  /** Kleene's additions. */
  workdir: v.string(),
  /** Every `name:tag` of the image. */
  tags: v.array(v.string()),
  /** What containers are cloned from, when no `@snapshot` is named. */
  snapshot: v.string(),
});
export type Image = v.InferOutput<typeof Image>;

export const ImageCreateMethod = v.picklist(["fetch", "fetch-auto", "zfs-copy", "zfs-clone"]);
export type ImageCreateMethod = v.InferOutput<typeof ImageCreateMethod>;

/** The first frame of `/images/create`. */
export const ImageCreateConfig = v.object({
  method: ImageCreateMethod,
  /** `fetch`: an absolute path on the daemon's host, `file://` or `http(s)://`. */
  url: v.optional(v.string(), ""),
  /** `zfs-copy`, `zfs-clone`: the dataset, or one of its snapshots. */
  zfs_dataset: v.optional(v.string(), ""),
  tag: v.optional(v.string(), ""),
  /** Copy the host's resolv.conf into the image. */
  dns: v.optional(LooseBoolean, true),
  /** Copy the host's time zone into the image. */
  localtime: v.optional(LooseBoolean, true),
  /** Update the new userland (freebsd-update, apt-get upgrade). */
  update: v.optional(LooseBoolean, false),
  /** `fetch-auto`: name the image after the release. */
  autotag: v.optional(LooseBoolean, false),
  /** Kleene's additions: the archive's expected checksum ("" = none), and see `stream.ts`. */
  sha256: v.optional(
    v.union([v.literal(""), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/i, "not a SHA-256 checksum"))]),
    "",
  ),
  framed: v.optional(LooseBoolean, false),
});
export type ImageCreateConfig = v.InferOutput<typeof ImageCreateConfig>;
export type ImageCreateRequest = v.InferInput<typeof ImageCreateConfig>;

/** How the build container is configured; the keys are a container's. `image` replaces the first FROM's. */
export const BuildContainerConfig = v.object({
  image: v.nullish(v.string()),
  user: v.optional(v.nullable(v.string()), ""),
  env: v.optional(v.array(EnvironmentVariable), []),
  mounts: v.optional(v.array(MountPointConfig), []),
  jail_param: v.optional(v.array(JailParameter), []),
  network_driver: v.optional(NetworkDriver, "host"),
});
export type BuildContainerConfig = v.InferOutput<typeof BuildContainerConfig>;

/** The first frame of `/images/build`. */
export const ImageBuildConfig = v.object({
  /** An absolute path on the daemon's host. */
  context: v.pipe(v.string(), v.startsWith("/", "the build context is an absolute path on the daemon's host")),
  /** Relative to the context, or absolute. */
  dockerfile: v.optional(v.string(), "Dockerfile"),
  quiet: v.optional(LooseBoolean, false),
  /** Destroy what a failed build has made, instead of keeping it as `NAME:failed`. */
  cleanup: v.optional(LooseBoolean, true),
  tag: v.optional(v.string(), ""),
  buildargs: v.optional(v.record(v.string(), v.string()), {}),
  container_config: v.optional(BuildContainerConfig, {}),
  networks: v.optional(v.array(v.unknown()), []),
  /** Kleene's addition: see `stream.ts`. */
  framed: v.optional(LooseBoolean, false),
});
export type ImageBuildConfig = v.InferOutput<typeof ImageBuildConfig>;
export type ImageBuildRequest = v.InferInput<typeof ImageBuildConfig>;
