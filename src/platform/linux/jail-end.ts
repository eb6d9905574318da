import { existsSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { Executor } from "../../host/exec.ts";
import { isAnArgument } from "../../host/proc/words.ts";
import { deleteArgv } from "../../host/runc/command.ts";
import { type RuncState, readState, stateDirectory } from "../../host/runc/state.ts";
import type { JailName } from "../runtime.ts";
import { sendSignal } from "../signal.ts";
import { adoptSupervised, recordKillAs } from "../supervisor.ts";
import { type RunDirectory, removeBundle } from "./bundle.ts";
import type { JailCgroups } from "./jail-cgroups.ts";
import { signalNumber, wouldEnd } from "./process-status.ts";

export interface LinuxHost {
  readonly executor: Executor;
  readonly runDirectory: RunDirectory;
  readonly cgroups: JailCgroups;
}

/** The annotation that leads from a jail to the directory of its first process. */
export const DIRECTORY = "kleene.directory";

/** Milliseconds that runc has to start or remove a jail before it is taken for dead. */
const RUNC_PATIENCE = 5_000;
/** Milliseconds between the writing of a bundle and the start of the runc that it is for. */
const LAUNCH_PATIENCE = 300;

/**
 * SIGTERM for every process, SIGKILL after the timeout in milliseconds. No time is lost on a first process that
 * the kernel protects from SIGTERM: when it is the last of them, it is killed, and recorded as ended by SIGTERM.
 */
export async function stopJail(host: LinuxHost, name: JailName, timeout: number): Promise<void> {
  const state = await awaitState(host, name);
  if (state !== undefined) {
    const directory = state.annotations[DIRECTORY];
    if (timeout > 0) await terminate(host, name, state, timeout);
    await killJail(host, name);
    const supervisor = directory === undefined ? undefined : await adoptSupervised(host.executor, directory);
    if (supervisor !== undefined) await Promise.race([supervisor.exited, Bun.sleep(RUNC_PATIENCE)]);
  }
  await removeJail(host, name);
}

/** A jail that is being started, perhaps by the supervisor of a daemon that was killed, has a bundle but no state. */
async function awaitState({ runDirectory }: LinuxHost, name: JailName): Promise<RuncState | undefined> {
  const bundle = runDirectory.bundle(name);
  for (const pause of pauses()) {
    const state = await readState(runDirectory.runcRoot, name).catch(() => undefined);
    if (state !== undefined) return state;
    const made = await stat(bundle).catch(() => undefined);
    const age = made === undefined ? RUNC_PATIENCE : Date.now() - made.mtimeMs;
    if (age >= RUNC_PATIENCE || (age > LAUNCH_PATIENCE && !(await isAnArgument(bundle)))) return undefined;
    await Bun.sleep(pause);
  }
  return undefined;
}

async function terminate(
  { runDirectory, cgroups }: LinuxHost,
  name: JailName,
  { pid, annotations }: RuncState,
  timeout: number,
): Promise<void> {
  const deadline = performance.now() + timeout;
  const group = runDirectory.cgroup(name);
  const told = await cgroups.processes(group);
  for (const each of told) sendSignal(each, "SIGTERM");
  for (const pause of pauses()) {
    const left = await cgroups.processes(group);
    if (left.length === 0) return;
    // What was started since, a shell in a loop would replace for ever.
    const ending = left.filter((each) => told.includes(each));
    if (ending.every((each) => each === pid) && (await wouldEnd(pid, "SIGTERM"))) {
      const directory = annotations[DIRECTORY];
      if (directory !== undefined) await recordKillAs(directory, 128 + signalNumber("SIGTERM")).catch(() => {});
      return;
    }
    const remaining = deadline - performance.now();
    if (remaining <= 0) return;
    await Bun.sleep(Math.min(pause, remaining));
  }
}

/** Kills every process of the jail, and waits until they are gone. */
async function killJail({ runDirectory, cgroups }: LinuxHost, name: JailName): Promise<void> {
  const deadline = performance.now() + RUNC_PATIENCE;
  for (const pause of pauses()) {
    const left = await cgroups.processes(runDirectory.cgroup(name));
    if (left.length === 0 || performance.now() > deadline) return;
    for (const each of left) sendSignal(each, "SIGKILL");
    await Bun.sleep(pause);
  }
}

/** Kills what is left in the jail, lets a living runc tidy up, and does it where there is none any more. */
export async function removeJail(host: LinuxHost, name: JailName): Promise<void> {
  const { executor, runDirectory, cgroups } = host;
  const root = runDirectory.runcRoot;
  const state = stateDirectory(root, name);
  await killJail(host, name);
  const deadline = performance.now() + RUNC_PATIENCE / 5;
  for (const pause of pauses()) {
    if (!existsSync(state)) break;
    if (performance.now() > deadline) {
      const refusal = await executor.exec(deleteArgv({ root, name })).catch((error: unknown) => error);
      // runc cannot read the state that a crash of the host has cut off.
      if ((await cgroups.processes(runDirectory.cgroup(name))).length > 0) throw refusal;
      await rm(state, { recursive: true, force: true });
      break;
    }
    await Bun.sleep(pause);
  }
  await cgroups.remove(runDirectory.cgroup(name));
  await removeBundle(runDirectory.bundle(name));
}

/** Milliseconds to wait between looks: short at first, as most things are over soon. */
export function* pauses(): Generator<number> {
  for (let pause = 1; ; pause = Math.min(pause * 1.3, 20)) yield pause;
}
