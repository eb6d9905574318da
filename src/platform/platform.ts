import type { BaseUserland } from "./base-userland.ts";
import type { Preparation } from "./preparation.ts";
import type { Runtime } from "./runtime.ts";

/** What an operating system gives, behind one interface per capability. Chosen once, by `selectPlatform`. */
export interface Platform {
  readonly name: "freebsd" | "linux";
  readonly runtime: Runtime;
  readonly baseUserland: BaseUserland;
  readonly preparation: Preparation;
}
