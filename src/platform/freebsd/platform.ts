import type { Platform, PlatformNeeds } from "../platform.ts";
import { createFreeBsdBaseUserland } from "./base-userland.ts";
import { createFreeBsdPreparation } from "./preparation.ts";
import { createFreeBsdRuntime } from "./runtime.ts";

/** FreeBSD, by jail(8) and the userland of the host's release. KLEENE_FREEBSD_MIRROR names another server for it. */
export function createFreeBsdPlatform(host: PlatformNeeds): Platform {
  const mirror = process.env.KLEENE_FREEBSD_MIRROR;
  return {
    name: "freebsd",
    runtime: createFreeBsdRuntime(host),
    baseUserland: createFreeBsdBaseUserland(host.executor, mirror === undefined ? {} : { mirror }),
    preparation: createFreeBsdPreparation(host),
  };
}
