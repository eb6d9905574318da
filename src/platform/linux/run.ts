import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError } from "../../errors.ts";
import type { RunningProgram } from "../../host/exec.ts";
import { runArgv } from "../../host/runc/command.ts";
import { looksLikeFailure, parseFailure, runcError } from "../../host/runc/failure.ts";
import { readState, stateDirectory } from "../../host/runc/state.ts";
import type { JailName, OnOutput, OutputStream } from "../runtime.ts";
import { sendSignal } from "../signal.ts";
import { type Plan, removeBundle, writeBundle } from "./bundle.ts";
import { type LinuxHost, pauses, removeJail } from "./jail-end.ts";
import type { KernelFeatures } from "./oci-spec.ts";

/** Milliseconds between the end of a canceled process and that of a runc which does not follow it. */
const RUNC_PATIENCE = 3_000;

/** A `runc run` under way. */
export interface Launched {
  readonly plan: Plan;
  readonly child: RunningProgram;
  readonly log: string;
}

/** One process in a jail of its own, to its end: the path of every RUN, so one program and two small files. */
export async function runToEnd(
  host: LinuxHost,
  kernel: KernelFeatures,
  plan: Plan,
  onOutput: OnOutput,
  signal: AbortSignal,
): Promise<number> {
  try {
    const bundle = await writeBundle(host.runDirectory, plan, kernel, {});
    throwIfCanceled(signal);
    return await followToEnd(host, launch(host, plan, bundle), onOutput, signal);
  } finally {
    await tidyUp(host, plan.jail.name);
  }
}

export function launch({ executor, runDirectory }: LinuxHost, plan: Plan, bundle: string): Launched {
  const log = join(bundle, "log");
  const argv = runArgv({ root: runDirectory.runcRoot, log, name: plan.jail.name, bundle });
  return { plan, log, child: executor.spawn(argv, { stdout: "pipe", stderr: "pipe", cwd: "/" }) };
}

/** @throws KleeneError `canceled` once `signal` was raised and the process is gone */
export async function followToEnd(
  host: LinuxHost,
  { plan, child, log }: Launched,
  onOutput: OnOutput,
  signal: AbortSignal,
): Promise<number> {
  const cancel = () => void killRun(host, plan.jail.name, child);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await follow(child, log, plan.process.argv[0], onOutput);
  } finally {
    signal.removeEventListener("abort", cancel);
    // Whatever runc makes of its process's death.
    throwIfCanceled(signal);
  }
}

/** Removes what a `runc run` that has ended left. */
export async function tidyUp(host: LinuxHost, name: JailName): Promise<void> {
  const { runcRoot } = host.runDirectory;
  if (existsSync(stateDirectory(runcRoot, name))) await removeJail(host, name);
  else await removeBundle(host.runDirectory.bundle(name));
}

export function throwIfCanceled(signal: AbortSignal): void {
  if (signal.aborted) throw new KleeneError("canceled", "the process was canceled");
}

/** Passes the output on, except runc's own last words, which become an error. */
async function follow(child: RunningProgram, log: string, program: string, onOutput: OnOutput): Promise<number> {
  let held: Uint8Array | undefined;
  const release = () => {
    if (held !== undefined) onOutput("stderr", held);
    held = undefined;
  };
  const pass = async (stream: OutputStream, chunks: RunningProgram["stdout"]) => {
    for await (const chunk of chunks ?? []) {
      release();
      if (stream === "stderr" && looksLikeFailure(new TextDecoder().decode(chunk.subarray(0, 64)))) held = chunk;
      else onOutput(stream, chunk);
    }
  };
  const [status] = await Promise.all([child.exited, pass("stdout", child.stdout), pass("stderr", child.stderr)]);
  const reason = status === 0 ? undefined : parseFailure(await readFile(log, "utf8").catch(() => ""));
  if (reason !== undefined) throw runcError(reason, program);
  release();
  return status;
}

/** Ends the jail of a `runc run`, however far it has come, so that runc itself can tidy up. */
async function killRun({ runDirectory }: LinuxHost, name: JailName, child: RunningProgram): Promise<void> {
  let ended = false;
  void child.exited.finally(() => (ended = true));
  const deadline = performance.now() + RUNC_PATIENCE;
  for (const pause of pauses()) {
    const state = await readState(runDirectory.runcRoot, name).catch(() => undefined);
    if (ended) return;
    if (state !== undefined) sendSignal(state.pid, "SIGKILL");
    if (performance.now() > deadline) return child.kill("SIGKILL");
    await Bun.sleep(pause);
  }
}
