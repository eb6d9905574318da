import { version } from "../package.json" with { type: "json" };
import type { VersionInfo } from "./contract/system.ts";

declare const KLEENE_COMMIT: string | undefined;
declare const KLEENE_TARGET: string | undefined;

/** What this executable is; `build.ts` defines commit and target, which a run from the sources has not. */
export const VERSION_INFO: VersionInfo = {
  version,
  commit: typeof KLEENE_COMMIT === "string" ? KLEENE_COMMIT : "development",
  target: typeof KLEENE_TARGET === "string" ? KLEENE_TARGET : "source",
  bun: Bun.version,
};
