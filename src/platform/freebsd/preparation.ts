import { release as kernelRelease } from "node:os";
import type { HostFact } from "../../contract/system.ts";
import { describeError } from "../../errors.ts";
import type { Executor } from "../../host/exec.ts";
import { userlandVersion } from "../../host/freebsd-version/freebsd-version.ts";
import { isPfEnabled } from "../../host/pfctl/pfctl.ts";
import { readSysctl } from "../../host/sysctl/sysctl.ts";
import { attempt, type Check, type Preparation, type PreparationOptions } from "../preparation.ts";
import { prepareStorage, type Storage, wakeStorage } from "../storage-preparation.ts";
import { prepareBoot, prepareModules, prepareRacct } from "./kernel-preparation.ts";
import { preparePf, preparePfConf } from "./pf-preparation.ts";

const OLDEST_RELEASE = 14;

export interface FreeBsdPreparationHost extends Storage {
  readonly executor: Executor;
}

/** Where things lie on the host, and who asks. */
export interface FreeBsdPlace {
  readonly poolFile: string;
  readonly pfConf: string;
  readonly uid: number | undefined;
}

const PLACE: FreeBsdPlace = {
  poolFile: "/var/db/kleene/pool.img",
  pfConf: "/etc/pf.conf",
  uid: process.getuid?.(),
};

/** @param place other than the usual only for tests */
export function createFreeBsdPreparation(host: FreeBsdPreparationHost, place: FreeBsdPlace = PLACE): Preparation {
  const { executor } = host;

  async function* prepare(options: PreparationOptions): AsyncGenerator<Check> {
    const root = place.uid === 0;
    yield root
      ? { name: "root rights", outcome: "ok", detail: "running as root" }
      : {
          name: "root rights",
          outcome: "failed",
          detail: "not running as root",
          remedy: "su -l root -c 'kleene init'",
        };
    yield await checkVersion();
    if (!root) {
      for (const name of ["modules", "rc.conf", "resource limits", "pf.conf", "pf", "pool", "root dataset"]) {
        yield { name, outcome: "failed", detail: "needs root rights" };
      }
      return;
    }
    let zfs: Check["outcome"] = "ok";
    for await (const check of prepareModules(executor, options)) {
      if (check.name === "module zfs") zfs = check.outcome;
      yield check;
    }
    yield await attempt("rc.conf", () => prepareBoot(executor, options));
    yield await attempt("resource limits", () => prepareRacct(executor, options));
    yield await preparePfConf(executor, options, place.pfConf);
    yield await preparePf(executor, options, place.pfConf);
    if (zfs === "failed") {
      for (const name of ["pool", "root dataset"]) yield { name, outcome: "failed", detail: "needs the module zfs" };
    } else if (zfs === "planned") {
      yield { name: "pool", outcome: "planned", detail: "look for a pool, or create one" };
      yield { name: "root dataset", outcome: "planned", detail: `create ${options.rootDataset}` };
    } else {
      yield* prepareStorage(host, options, { poolFile: place.poolFile });
    }
  }

  function checkVersion(): Promise<Check> {
    const name = "system";
    return attempt(name, async () => {
      const { major, text } = await userlandVersion(executor);
      if (major >= OLDEST_RELEASE) return { name, outcome: "ok", detail: `FreeBSD ${text}` };
      return { name, outcome: "failed", detail: `FreeBSD ${text} is too old: Kleene needs ${OLDEST_RELEASE} or newer` };
    });
  }

  async function facts(): Promise<readonly HostFact[]> {
    const [system, zfs, pf, racct] = await Promise.all([
      orUnknown(async () => `FreeBSD ${(await userlandVersion(executor)).text}`),
      orUnknown(async () => (await executor.exec(["/sbin/zfs", "version"])).stdout.trim().split("\n")[0] ?? ""),
      orUnknown(async () => ((await isPfEnabled(executor)) ? "enabled" : "disabled")),
      orUnknown(async () => ((await readSysctl(executor, "kern.racct.enable")) === "1" ? "enabled" : "disabled")),
    ]);
    return [
      { name: "system", value: system },
      { name: "kernel", value: `FreeBSD ${kernelRelease()}` },
      { name: "ZFS", value: zfs },
      { name: "pf", value: pf },
      { name: "resource limits", value: racct },
    ];
  }

  return { prepare, wake: (rootDataset) => wakeStorage(host, rootDataset, place), facts };
}

async function orUnknown(look: () => Promise<string>): Promise<string> {
  try {
    return await look();
  } catch (error) {
    return `unknown: ${describeError(error)}`;
  }
}
