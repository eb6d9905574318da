import { KleeneError } from "../errors.ts";
import { createFreeBsdPlatform } from "./freebsd/platform.ts";
import { createLinuxPlatform } from "./linux/platform.ts";
import type { Platform, PlatformNeeds } from "./platform.ts";

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
