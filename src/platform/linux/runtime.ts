import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { KleeneError } from "../../errors.ts";
import type { Executor } from "../../host/exec.ts";
import { readState, stateDirectory } from "../../host/runc/state.ts";
import type { JailName, PreparedRun, RunningJail, Runtime, SupervisedProcess } from "../runtime.ts";
import { sendSignal } from "../signal.ts";
import { adoptSupervised } from "../supervisor.ts";
import { jailSettings, kernelFeatures, planProcess, RunDirectory, removeBundle } from "./bundle.ts";
import { JailCgroups } from "./jail-cgroups.ts";
import { DIRECTORY, type LinuxHost, removeJail, stopJail } from "./jail-end.ts";
import { PreparedRuns, prepareRun, runcNames } from "./prepared-run.ts";
import { runToEnd } from "./run.ts";
import { execInJail, makeWayFor, startJail } from "./start.ts";
import { processOf, supervisedProcess } from "./supervised-process.ts";

export interface LinuxRuntimeOptions {
  readonly executor: Executor;
  /** Holds OCI bundles and runc's state; best on a tmpfs, so that a restart of the host empties it. */
  readonly runDirectory: string;
}

/** Jails as OCI containers, run by runc(8). */
export function createLinuxRuntime({ executor, runDirectory }: LinuxRuntimeOptions): Runtime {
  const cgroups = new JailCgroups();
  const kernel = kernelFeatures(cgroups.unified);
  const host: LinuxHost = { executor, cgroups, runDirectory: new RunDirectory(resolve(runDirectory)) };
  const claim = claims();
  const prepared = new PreparedRuns();
  const runtime: Runtime = {
    endsWithFirstProcess: true,
    check: (jail) => void jailSettings(jail),
    run: async (jail, process, onOutput, signal) => {
      using _ = claim(jail.name);
      const plan = await planProcess(jail, process);
      await makeWayFor(host, plan);
      return await runToEnd(host, kernel, plan, onOutput, signal);
    },
    prepareRun: async (jail, process) => {
      const plan = await planProcess(jail, process).catch(() => undefined);
      if (plan === undefined) return undefined;
      const name = prepared.name(jail.name);
      const fallback: PreparedRun["run"] = (onOutput, signal) => runtime.run(jail, process, onOutput, signal);
      return prepared.add(name, await prepareRun(host, kernel, plan, name, fallback));
    },
    start: async (jail, process, directory) => {
      using _ = claim(jail.name);
      return await startJail(host, kernel, await planProcess(jail, process), directory);
    },
    exec: async (jail, process, directory) => execInJail(host, await planProcess(jail, process), directory),
    adopt: (name, directory) => adoptProcess(host, name, directory),
    stop: async (name, timeout) => {
      const names = runcNames(name);
      await Promise.all(names.map((each) => prepared.discard(each)));
      await Promise.all(names.filter((each) => isKnown(host, each)).map((each) => stopJail(host, each, timeout)));
    },
    list: () => listJails(host),
  };
  return runtime;
}

/** One start or run of a name at a time: runc would refuse the second, but its bundle would have replaced the first's. */
function claims(): (name: JailName) => Disposable {
  const claimed = new Set<JailName>();
  return (name) => {
    if (claimed.has(name)) throw new KleeneError("conflict", `the jail ${name} is being started`);
    claimed.add(name);
    return { [Symbol.dispose]: () => claimed.delete(name) };
  };
}

async function adoptProcess(
  host: LinuxHost,
  name: JailName,
  directory: string,
): Promise<SupervisedProcess | undefined> {
  const supervised = await adoptSupervised(host.executor, directory);
  if (supervised !== undefined) {
    const exited = supervised.exited.then(async (status) => {
      const { runcRoot } = host.runDirectory;
      if (!existsSync(stateDirectory(runcRoot, name))) await removeBundle(host.runDirectory.bundle(name));
      return status;
    });
    return supervisedProcess(host, name, directory, { ...supervised, exited });
  }
  // Nobody would ever learn how the process ends: it must not go on.
  const state = await readState(host.runDirectory.runcRoot, name).catch(() => undefined);
  if (state?.annotations[DIRECTORY] === directory) {
    await removeJail(host, name);
  } else {
    const pid = await processOf(host, name, directory);
    if (pid !== undefined) sendSignal(pid, "SIGKILL");
  }
  return undefined;
}

/** Whether there is, or may be soon, anything of the jail: the removal of what has long ended costs nothing. */
function isKnown({ runDirectory }: LinuxHost, name: JailName): boolean {
  return existsSync(stateDirectory(runDirectory.runcRoot, name)) || existsSync(runDirectory.bundle(name));
}

async function listJails({ runDirectory, cgroups }: LinuxHost): Promise<RunningJail[]> {
  const names = (await readdir(runDirectory.runcRoot).catch(() => [])) as JailName[];
  const alive = await Promise.all(
    names.map(async (name) => (await cgroups.processes(runDirectory.cgroup(name))).length > 0),
  );
  return names.filter((_, index) => alive[index]).map((name) => ({ name, jid: null }));
}
