import { describeError } from "../../errors.ts";
import type { Executor } from "../../host/exec.ts";
import { loadModule } from "../../host/kldload/kldload.ts";
import { hasModule } from "../../host/kldstat/kldstat.ts";
import { readSysctl } from "../../host/sysctl/sysctl.ts";
import { addToSetting, readSetting, writeSetting } from "../../host/sysrc/sysrc.ts";
import type { Check, PreparationOptions } from "../preparation.ts";

/** Loaded at boot by their own services. */
const SERVICE_MODULES = ["zfs", "pf", "pflog"] as const;
/** Loaded at boot by `kld_list`. */
const OTHER_MODULES = ["if_bridge", "if_epair", "nullfs", "fdescfs"] as const;

const RACCT = "kern.racct.enable";

type Options = Pick<PreparationOptions, "dryRun" | "confirm">;

/** Loads the modules that Kleene needs now. */
export async function* prepareModules(executor: Executor, { dryRun }: Options): AsyncGenerator<Check> {
  for (const module of [...SERVICE_MODULES, ...OTHER_MODULES]) {
    const name = `module ${module}`;
    try {
      if (await hasModule(executor, module)) yield { name, outcome: "ok", detail: "loaded" };
      else if (dryRun) yield { name, outcome: "planned", detail: `load ${module}` };
      else {
        await loadModule(executor, module);
        yield { name, outcome: "done", detail: "loaded now" };
      }
    } catch (error) {
      yield { name, outcome: "failed", detail: describeError(error), remedy: `kldload ${module}` };
    }
  }
}

interface Setting {
  readonly argument: string;
  readonly change: () => Promise<void>;
}

/** Sees to it that the modules and services are there after a reboot, too. */
export async function prepareBoot(executor: Executor, { dryRun, confirm }: Options): Promise<Check> {
  const name = "rc.conf";
  const missing = await missingSettings(executor);
  if (missing.length === 0) return { name, outcome: "ok", detail: "zfs, pf and pflog start at boot" };
  const words = missing.map(({ argument }) => argument);
  if (dryRun) return { name, outcome: "planned", detail: `set ${words.join(" ")}` };
  const remedy = `sysrc ${words.join(" ")}`;
  if (!(await confirm(`Set ${words.join(" ")} in rc.conf?`)))
    return { name, outcome: "failed", detail: "declined", remedy };
  try {
    for (const { change } of missing) await change();
  } catch (error) {
    return { name, outcome: "failed", detail: describeError(error), remedy };
  }
  return { name, outcome: "done", detail: `set ${words.join(" ")}` };
}

async function missingSettings(executor: Executor): Promise<Setting[]> {
  const settings: Setting[] = [];
  for (const service of SERVICE_MODULES) {
    const variable = `${service}_enable`;
    if (isYes(await readSetting(executor, "rc.conf", variable))) continue;
    const change = () => writeSetting(executor, "rc.conf", variable, "YES");
    settings.push({ argument: `${variable}=YES`, change });
  }
  const listed = (await readSetting(executor, "rc.conf", "kld_list")).split(/\s+/);
  for (const module of OTHER_MODULES) {
    if (listed.includes(module)) continue;
    settings.push({
      argument: `kld_list+=${module}`,
      change: () => addToSetting(executor, "rc.conf", "kld_list", module),
    });
  }
  return settings;
}

/** rc.subr(8)'s checkyesno. */
function isYes(value: string): boolean {
  return /^(yes|true|on|1)$/i.test(value);
}

/** Resource accounting, without which rctl(8) sets no limits; the loader alone can turn it on. */
export async function prepareRacct(executor: Executor, { dryRun, confirm }: Options): Promise<Check> {
  const name = "resource limits";
  const value = await readSysctl(executor, RACCT);
  if (value === undefined) return { name, outcome: "failed", detail: "this kernel was built without RACCT" };
  if (value === "1") return { name, outcome: "ok", detail: `${RACCT} is on` };
  const remedy = `sysrc -f /boot/loader.conf ${RACCT}=1 && reboot`;
  if ((await readSetting(executor, "/boot/loader.conf", RACCT)) === "1") {
    return { name, outcome: "ok", detail: `${RACCT} is set; a reboot turns it on` };
  }
  if (dryRun) return { name, outcome: "planned", detail: `set ${RACCT}=1 in /boot/loader.conf, for the next boot` };
  if (!(await confirm(`Set ${RACCT}=1 in /boot/loader.conf?`))) {
    return { name, outcome: "failed", detail: "declined", remedy };
  }
  try {
    await writeSetting(executor, "/boot/loader.conf", RACCT, "1");
  } catch (error) {
    return { name, outcome: "failed", detail: describeError(error), remedy };
  }
  return { name, outcome: "done", detail: `set ${RACCT}=1 in /boot/loader.conf; reboot to turn it on` };
}
