import { KleeneError } from "../../errors.ts";
import type { Argv, Executor } from "../../host/exec.ts";
import type { Jail, OnOutput, Process } from "../runtime.ts";
import { describeProcess, makeJail } from "./creation.ts";
import type { ExecSpec } from "./exec-spec.ts";
import type { JailFiles } from "./jail-files.ts";
import { Launch } from "./launch.ts";
import { removeBuildJail, stopJail } from "./removal.ts";

export interface JailHost {
  readonly executor: Executor;
  readonly files: JailFiles;
  /** The argv of the helper. */
  readonly helper: (specFile: string) => Argv;
}

/** `Runtime.run`: a jail, one process, and no trace of either afterwards. */
export async function runInstruction(
  host: JailHost,
  jail: Jail,
  process: Process,
  onOutput: OnOutput,
  signal: AbortSignal,
): Promise<number> {
  const { executor, files } = host;
  throwIfCanceled(signal, process);
  const spec = await describeProcess(jail, process, null);
  await stopJail(executor, files, jail.name, 0); // what a crash left of an earlier one
  await makeJail(executor, files, jail, "build");
  let removed = false;
  const remove = async () => {
    removed = true;
    await removeBuildJail(executor, files, jail.name);
  };
  try {
    const status = await runHelper(host, files.spec(jail.name), spec, { onOutput, signal, remove });
    throwIfCanceled(signal, process);
    return status;
  } finally {
    if (!removed) await remove();
  }
}

async function runHelper(
  { executor, helper }: JailHost,
  specFile: string,
  spec: ExecSpec,
  { onOutput, signal, remove }: { onOutput: OnOutput; signal: AbortSignal; remove: () => Promise<void> },
): Promise<number> {
  using launch = new Launch(specFile, spec);
  const child = executor.spawn(helper(specFile), { stdout: "pipe", stderr: "pipe", cwd: "/" });
  const read = Promise.all([
    consume(child.stdout, (chunk) => onOutput("stdout", chunk)),
    consume(child.stderr, (chunk) => onOutput("stderr", chunk)),
  ]);
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  const status = await child.exited;
  signal.removeEventListener("abort", kill);
  // Whatever else holds the pipes' other ends is in the jail and ends with it.
  await remove();
  await read;
  if (!signal.aborted) await launch.running(child.exited);
  return status;
}

function throwIfCanceled(signal: AbortSignal, { argv }: Process): void {
  if (signal.aborted) throw new KleeneError("canceled", `${argv[0]} was canceled`);
}

async function consume(
  stream: ReadableStream<Uint8Array> | undefined,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  for await (const chunk of stream ?? []) onChunk(chunk);
}
