import type { Executor } from "../host/exec.ts";
import type { Zfs } from "../host/zfs/zfs.ts";
import type { Zpool } from "../host/zpool/zpool.ts";
import type { BaseUserland } from "./base-userland.ts";
import type { Preparation } from "./preparation.ts";
import type { Runtime } from "./runtime.ts";

/** What a platform is made of. */
export interface PlatformNeeds {
  readonly executor: Executor;
  readonly zfs: Zfs;
  readonly zpool: Zpool;
  /** Where the state of running jails is kept; its contents need not outlive a reboot. */
  readonly runDirectory: string;
  /** The path of this executable, for its helper face. */
  readonly selfExecutable: string;
}

/** What an operating system gives, behind one interface per capability. Chosen once, by `selectPlatform`. */
export interface Platform {
  readonly name: "freebsd" | "linux";
  readonly runtime: Runtime;
  readonly baseUserland: BaseUserland;
  readonly preparation: Preparation;
}
