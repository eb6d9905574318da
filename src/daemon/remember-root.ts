import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Check } from "../platform/preparation.ts";

/**
 * Sees to it that a daemon started without flags uses this root dataset: writes the configuration where there is none.
 * A file that exists is the user's, and only told about.
 *
 * @param now.configured what a daemon would use as things stand
 */
export async function rememberRoot(
  rootDataset: string,
  now: { configured: string; path: string; variable: string | undefined },
  dryRun: boolean,
): Promise<Check> {
  const name = "configuration";
  const { configured, path, variable } = now;
  const line = `kleene_root: ${rootDataset}`;
  if (configured === rootDataset) return { name, outcome: "ok", detail: line };
  if (variable) {
    const remedy = `export KLEENE_ROOT=${rootDataset}`;
    return { name, outcome: "failed", detail: `the variable KLEENE_ROOT is ${variable}, not ${rootDataset}`, remedy };
  }
  if (existsSync(path)) {
    const remedy = `put "${line}" into ${path}`;
    return { name, outcome: "failed", detail: `${path} leads to ${configured}, not to ${rootDataset}`, remedy };
  }
  if (dryRun) return { name, outcome: "planned", detail: `write "${line}" to ${path}` };
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, `${line}\n`, { mode: 0o644, flag: "wx" });
  return { name, outcome: "done", detail: `wrote "${line}" to ${path}` };
}
