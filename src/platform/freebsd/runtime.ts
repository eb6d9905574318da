import { KleeneError } from "../../errors.ts";
import type { Executor } from "../../host/exec.ts";
import { kernelJailName } from "../../host/jail/name.ts";
import { listJails } from "../../host/jls/jls.ts";
import type { Jail, JailName, Process, RunningJail, Runtime, SupervisedProcess } from "../runtime.ts";
import { adoptSupervised } from "../supervisor.ts";
import { makeJail } from "./creation.ts";
import { type JailHost, runInstruction } from "./instruction.ts";
import { jailConf } from "./jail-conf.ts";
import { JailFiles } from "./jail-files.ts";
import { makeWayFor, stopJail } from "./removal.ts";
import { endUnsupervised, supervisedProcess, superviseProcess } from "./supervision.ts";

export interface FreeBsdRuntimeHost {
  readonly executor: Executor;
  /** Where the jails' files lie; empty after a reboot. Two runtimes with two directories never see each other's jails. */
  readonly runDirectory: string;
  /** The program whose `jail-exec FILE` is the helper. */
  readonly selfExecutable: string;
}

/** Jails of FreeBSD: jail(8) by a jail.conf(5) for each, and processes in them by the helper of `jail-exec.ts`. */
export function createFreeBsdRuntime({ executor, runDirectory, selfExecutable }: FreeBsdRuntimeHost): Runtime {
  const files = new JailFiles(runDirectory);
  const host: JailHost = { executor, files, helper: (specFile) => [selfExecutable, "jail-exec", specFile] };
  const starting = new Map<JailName, Promise<SupervisedProcess>>();

  async function start(jail: Jail, process: Process, directory: string): Promise<SupervisedProcess> {
    await makeWayFor(executor, files, jail.name);
    await makeJail(executor, files, jail, "container");
    try {
      return await superviseProcess(host, jail, process, directory);
    } catch (error) {
      await stopJail(executor, files, jail.name, 0);
      throw error;
    }
  }

  return {
    endsWithFirstProcess: false,

    check: (jail) => {
      jailConf(jail, "container");
    },

    run: (jail, process, onOutput, signal) => runInstruction(host, jail, process, onOutput, signal),

    start: async (jail, process, directory) => {
      if (starting.has(jail.name)) throw new KleeneError("conflict", `the jail ${jail.name} is being started already`);
      const started = start(jail, process, directory);
      starting.set(jail.name, started);
      try {
        return await started;
      } finally {
        starting.delete(jail.name);
      }
    },

    exec: (jail, process, directory) => superviseProcess(host, jail, process, directory),

    adopt: async (name, directory) => {
      const found = await adoptSupervised(executor, directory);
      if (found !== undefined) return supervisedProcess(directory, found.exited);
      await endUnsupervised(host, name, directory);
      return undefined;
    },

    stop: async (name, timeout) => {
      await starting.get(name)?.catch(() => {});
      await stopJail(executor, files, name, timeout);
    },

    list: async () => {
      const names = await files.names();
      if (names.length === 0) return [];
      const jids = new Map((await listJails(executor)).map((jail) => [jail.name, jail.jid]));
      return names.flatMap((name): RunningJail[] => {
        const jid = jids.get(kernelJailName(name));
        return jid === undefined ? [] : [{ name, jid }];
      });
    },
  };
}
