import { KleeneError } from "../errors.ts";
import type { Executor } from "../host/exec.ts";
import type { Zfs } from "../host/zfs/zfs.ts";
import type { Zpool } from "../host/zpool/zpool.ts";
import { createFreeBsdPlatform } from "./freebsd/platform.ts";
import { createLinuxPlatform } from "./linux/platform.ts";
import type { Platform } from "./platform.ts";

export interface PlatformNeeds {
  readonly executor: Executor;
  readonly zfs: Zfs;
  readonly zpool: Zpool;
  /** Where the state of running jails is kept; its contents need not outlive a reboot. */
  readonly runDirectory: string;
  /** The path of this executable, for its helper face. */
  readonly selfExecutable: string;
}

/** The only place that asks which operating system this is. @throws KleeneError `unsupported` */
export function selectPlatform(needs: PlatformNeeds): Platform {
  switch (platformName()) {
    case "freebsd":
      return createFreeBsdPlatform(needs);
    case "linux":
      return createLinuxPlatform(needs);
  }
}

/** @throws KleeneError `unsupported` */
export function platformName(): Platform["name"] {
  if (process.platform === "freebsd" || process.platform === "linux") return process.platform;
  throw new KleeneError("unsupported", `Kleene's daemon does not run on ${process.platform}`);
}
