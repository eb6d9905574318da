import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError } from "../../errors.ts";
import { findJail } from "../../host/jls/jls.ts";
import { listJailProcesses } from "../../host/ps/ps.ts";
import type { Jail, JailName, Process, SupervisedProcess } from "../runtime.ts";
import { sendSignal } from "../signal.ts";
import { recordedExit, startSupervised } from "../supervisor.ts";
import { describeProcess } from "./creation.ts";
import type { JailHost } from "./instruction.ts";
import { removeIfLast } from "./last-process.ts";
import { Launch } from "./launch.ts";
import { stopJail } from "./removal.ts";

const PID_FILE = "pid";

/**
 * Starts a process in a running jail, under a supervisor that removes the jail after its last one. When it fails the
 * directory is empty again. @throws KleeneError `conflict` when the jail does not run
 */
export async function superviseProcess(
  { executor, files, helper }: JailHost,
  jail: Jail,
  process: Process,
  directory: string,
): Promise<SupervisedProcess> {
  const file = files.file(jail.name);
  const running = (await files.read(jail.name)) === undefined ? undefined : await findJail(executor, file.name);
  if (running === undefined) throw new KleeneError("conflict", "the container does not run");
  const spec = await describeProcess(jail, process, join(directory, PID_FILE));
  await mkdir(directory, { recursive: true });
  using launch = new Launch(join(directory, "spec"), spec);
  const { exited } = startSupervised(executor, {
    directory,
    argv: helper(launch.file),
    after: removeIfLast(file, running.jid, files.lock(jail.name)),
  });
  try {
    await launch.running(exited);
  } catch (error) {
    await empty(directory);
    throw error;
  }
  return supervisedProcess(directory, exited);
}

/** The process whose supervisor works in the directory. */
export function supervisedProcess(directory: string, exited: Promise<number>): SupervisedProcess {
  return { exited, signal: (signal) => signalProcess(directory, signal) };
}

/** Kills a process whose supervisor is gone: nobody would ever learn how it ends. */
export async function endUnsupervised({ executor, files }: JailHost, name: JailName, directory: string): Promise<void> {
  const jail = (await files.read(name)) === undefined ? undefined : await findJail(executor, files.file(name).name);
  if (jail === undefined) return;
  const pid = await processId(directory);
  const processes = await listJailProcesses(executor, jail.jid);
  if (processes.every((each) => each === pid)) return await stopJail(executor, files, name, 0);
  if (pid !== undefined && processes.includes(pid)) sendSignal(pid, "SIGKILL");
}

/** One that has ended gets no signal. */
async function signalProcess(directory: string, signal: NodeJS.Signals): Promise<void> {
  if ((await recordedExit(directory)) !== undefined) return;
  const pid = await processId(directory);
  if (pid !== undefined) sendSignal(pid, signal);
}

/** The helper's, which is the process's own since the helper has become it. */
async function processId(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, PID_FILE), "utf8").catch(() => "");
  return /^[1-9]\d*\n$/.test(text) ? Number(text) : undefined;
}

async function empty(directory: string): Promise<void> {
  for (const entry of await readdir(directory)) await rm(join(directory, entry), { recursive: true, force: true });
}
