import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError } from "../../errors.ts";
import type { RunningProgram } from "../../host/exec.ts";
import { runArgv } from "../../host/runc/command.ts";
import { looksLikeFailure, parseFailure, runcError } from "../../host/runc/failure.ts";
import { readState, stateDirectory } from "../../host/runc/state.ts";
import type { JailName, OutputStream } from "../runtime.ts";
import { type Plan, removeBundle, writeBundle } from "./bundle.ts";
import { type LinuxHost, pauses, removeJail } from "./jail-end.ts";
import type { KernelFeatures } from "./oci-spec.ts";
import { sendSignal } from "./process-status.ts";

type OnOutput = (stream: OutputStream, chunk: Uint8Array) => void;

/** Milliseconds between the end of a canceled process and that of a runc which does not follow it. */
const RUNC_PATIENCE = 3_000;

/** One process in a jail of its own, to its end: the path of every RUN, so one program and two small files. */
export async function runToEnd(
  host: LinuxHost,
  kernel: KernelFeatures,
  plan: Plan,
  onOutput: OnOutput,
  signal: AbortSignal,
): Promise<number> {
  const { executor, runDirectory } = host;
  const { name } = plan.jail;
  const root = runDirectory.runcRoot;
  const bundle = await writeBundle(runDirectory, plan, kernel, {});
  try {
    throwIfCanceled(signal);
    const log = join(bundle, "log");
    const child = executor.spawn(runArgv({ root, log, name, bundle }), { stdout: "pipe", stderr: "pipe", cwd: "/" });
    const cancel = () => void killRun(host, name, child);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await follow(child, log, plan.process.argv[0], onOutput);
    } finally {
      signal.removeEventListener("abort", cancel);
      // Whatever runc makes of its process's death.
      throwIfCanceled(signal);
    }
  } finally {
    if (existsSync(stateDirectory(root, name))) await removeJail(host, name);
    else await removeBundle(bundle);
  }
}

function throwIfCanceled(signal: AbortSignal): void {
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
