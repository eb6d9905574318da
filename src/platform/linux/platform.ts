import type { Platform, PlatformNeeds } from "../platform.ts";
import { createLinuxBaseUserland } from "./base-userland.ts";
import { createLinuxPreparation } from "./preparation.ts";
import { createLinuxRuntime } from "./runtime.ts";

/** Linux, by runc(8) and a minimal userland of the host's release. */
export function createLinuxPlatform(host: PlatformNeeds): Platform {
  return {
    name: "linux",
    runtime: createLinuxRuntime(host),
    baseUserland: createLinuxBaseUserland(host.executor),
    preparation: createLinuxPreparation(host),
  };
}
