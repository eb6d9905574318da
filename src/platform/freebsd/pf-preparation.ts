import { constants } from "node:fs";
import { copyFile, readFile, rename, stat, writeFile } from "node:fs/promises";
import { describeError, systemErrorCode } from "../../errors.ts";
import type { Executor } from "../../host/exec.ts";
import { checkRuleset, isPfEnabled, loadRuleset } from "../../host/pfctl/pfctl.ts";
import { startService } from "../../host/service/service.ts";
import type { Check, PreparationOptions } from "../preparation.ts";
import { missingAnchors, withAnchors } from "./pf-conf.ts";

type Options = Pick<PreparationOptions, "dryRun" | "confirm">;

/**
 * Adds Kleene's anchors to pf.conf(5), the only change ever made to it: shown, asked for, checked by pfctl(8) first,
 * with a copy of the old file beside it.
 */
export async function preparePfConf(executor: Executor, options: Options, pfConf: string): Promise<Check> {
  const name = "pf.conf";
  const old = await readFile(pfConf, "utf8").catch(() => "");
  const missing = missingAnchors(old);
  if (missing.length === 0) return { name, outcome: "ok", detail: `${pfConf} has Kleene's anchors` };
  const change = `${old === "" ? "create" : "change"} ${pfConf}, adding: ${missing.join("; ")}`;
  if (options.dryRun) return { name, outcome: "planned", detail: change };
  const remedy = `add to ${pfConf}, translation before filtering: ${missing.join("; ")}`;
  const text = withAnchors(old);
  try {
    await checkRuleset(executor, text);
    if (!(await options.confirm(`May Kleene ${change}?`)))
      return { name, outcome: "failed", detail: "declined", remedy };
    const copy = old === "" ? "" : `; the old file is ${await keepCopy(pfConf)}`;
    await replaceFile(pfConf, text);
    if (await isPfEnabled(executor)) await loadRuleset(executor, pfConf);
    return { name, outcome: "done", detail: `added to ${pfConf}: ${missing.join("; ")}${copy}` };
  } catch (error) {
    return { name, outcome: "failed", detail: describeError(error), remedy };
  }
}

/** Turns pf on and its log. */
export async function preparePf(executor: Executor, { dryRun, confirm }: Options, pfConf: string): Promise<Check> {
  const name = "pf";
  const remedy = "service pf onestart && service pflog onestart";
  try {
    if (await isPfEnabled(executor).catch(() => false)) return { name, outcome: "ok", detail: "enabled" };
    if (dryRun) return { name, outcome: "planned", detail: `enable pf with the rules of ${pfConf}` };
    if (!(await confirm(`Enable pf now, with the rules of ${pfConf}?`))) {
      return { name, outcome: "failed", detail: "declined", remedy };
    }
    await startService(executor, "pf");
    await startService(executor, "pflog");
    return { name, outcome: "done", detail: `enabled, with the rules of ${pfConf}` };
  } catch (error) {
    return { name, outcome: "failed", detail: describeError(error), remedy };
  }
}

/** The first copy is the operator's own file: it is never written over. */
async function keepCopy(pfConf: string): Promise<string> {
  const copy = `${pfConf}.before-kleene`;
  try {
    await copyFile(pfConf, copy, constants.COPYFILE_EXCL);
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
  }
  return copy;
}

/** Complete or not at all, with the old file's mode. */
async function replaceFile(path: string, text: string): Promise<void> {
  const mode = await stat(path).then(
    (old) => old.mode & 0o777,
    () => 0o644,
  );
  await writeFile(`${path}.kleene`, text, { mode });
  await rename(`${path}.kleene`, path);
}
