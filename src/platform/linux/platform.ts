import type { Executor } from "../../host/exec.ts";
import type { Zfs } from "../../host/zfs/zfs.ts";
import type { Zpool } from "../../host/zpool/zpool.ts";
import type { Platform } from "../platform.ts";
import { createLinuxBaseUserland } from "./base-userland.ts";
import { createLinuxPreparation } from "./preparation.ts";
import { createLinuxRuntime } from "./runtime.ts";

/** Linux, by runc(8) and a minimal userland of the host's release. */
export function createLinuxPlatform(host: {
  executor: Executor;
  zfs: Zfs;
  zpool: Zpool;
  runDirectory: string;
  selfExecutable: string;
}): Platform {
  return {
    name: "linux",
    runtime: createLinuxRuntime(host),
    baseUserland: createLinuxBaseUserland(host.executor),
    preparation: createLinuxPreparation(host),
  };
}
