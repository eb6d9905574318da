import { accessSync, constants, statSync } from "node:fs";
import { constants as system } from "node:os";
import { CommandError, KleeneError } from "../errors.ts";

export type Argv = readonly [program: string, ...args: string[]];

export interface ExecOptions {
  /** Text for the program's standard input; without it, /dev/null. */
  readonly stdin?: string;
  /** The whole environment; without it, a clean one (PATH, LC_ALL=C). */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ends the program with SIGTERM, then SIGKILL. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the program is killed. Default: two minutes. 0: no limit (give a `signal`). */
  readonly timeout?: number;
  /** Open files that the program gets as well: their locks hold until it has ended, though this process be killed. */
  readonly keep?: readonly number[];
  /** Receives stdout and stderr as they come, instead of their being collected in the result. */
  readonly onOutput?: (stream: "stdout" | "stderr", chunk: Uint8Array) => void;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. The program is an absolute path or a name looked up in the system's own directories,
 * never in the caller's PATH; there is no shell.
 *
 * @throws CommandError when it exits non-zero, is killed or runs out of time;
 * KleeneError `missing-tool` when it is not installed, `canceled` when `signal` was raised.
 */
export type Exec = (argv: Argv, options?: ExecOptions) => Promise<ExecResult>;

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A file descriptor, or nothing (/dev/null). */
  readonly stdin?: number | ReadableStream<Uint8Array>;
  readonly stdout?: number | "pipe";
  readonly stderr?: number | "pipe";
  /** In a session of its own: it outlives this process. */
  readonly detached?: boolean;
}

export interface RunningProgram {
  readonly pid: number;
  /** The exit status, 128+n after signal n. */
  readonly exited: Promise<number>;
  readonly stdout: ReadableStream<Uint8Array> | undefined;
  readonly stderr: ReadableStream<Uint8Array> | undefined;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a program and returns at once. @throws KleeneError `missing-tool` */
export type Spawn = (argv: Argv, options?: SpawnOptions) => RunningProgram;

/** How drivers start programs: the real one is `executor`; tests of FreeBSD's drivers record the argv instead. */
export interface Executor {
  readonly exec: Exec;
  readonly spawn: Spawn;
}

const DIRECTORIES = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
/** What programs get unless they are given another environment. */
export const CLEAN_ENV = { PATH: DIRECTORIES.join(":"), LC_ALL: "C" };
const DEFAULT_TIMEOUT = 120_000;
const KILL_AFTER = 5_000;
/** How long the output of a program that was killed is waited for: a child of its own may hold it open. */
const LAST_OUTPUT = 500;

const found = new Map<string, string>();

/** The absolute path of a program, or undefined where the host has none of that name. */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return name.startsWith("/") && isExecutable(name) ? name : undefined;
  const known = found.get(name);
  if (known !== undefined && isExecutable(known)) return known;
  const path = DIRECTORIES.map((directory) => `${directory}/${name}`).find(isExecutable);
  if (path !== undefined) found.set(name, path);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function resolveArgv([program, ...args]: Argv): string[] {
  const path = findProgram(program);
  if (path === undefined) throw new KleeneError("missing-tool", `the program ${program} is not installed`);
  return [path, ...args];
}

export const exec: Exec = async (argv, options = {}) => {
  if (options.signal?.aborted) throw new KleeneError("canceled", `${argv[0]} was canceled`);
  const timeout = options.timeout ?? DEFAULT_TIMEOUT;
  const child = Bun.spawn(resolveArgv(argv), {
    env: { ...(options.env ?? CLEAN_ENV) },
    stdio: [
      options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
      "pipe",
      "pipe",
      ...(options.keep ?? []),
    ],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });

  let timedOut = false;
  const stopped = Promise.withResolvers<void>();
  const stop = () => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), KILL_AFTER).unref();
    stopped.resolve();
  };
  const onTimeout = () => {
    timedOut = true;
    stop();
  };
  const timer = timeout > 0 ? setTimeout(onTimeout, timeout) : undefined;
  options.signal?.addEventListener("abort", stop, { once: true });
  const abandon = stopped.promise.then(() => child.exited).then(() => Bun.sleep(LAST_OUTPUT));
  try {
    const [stdout, stderr] = await Promise.all([
      consume(child.stdout, "stdout", options.onOutput, abandon),
      consume(child.stderr, "stderr", options.onOutput, abandon),
      child.exited,
    ]);
    const exitCode = exitStatus(child);
    if (options.signal?.aborted) throw new KleeneError("canceled", `${argv[0]} was canceled`);
    if (exitCode !== 0) throw new CommandError(argv, exitCode, stderr, { timedOut });
    return { stdout, stderr };
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null) stop();
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
  }
};

/** Reads to the end, or until the program is abandoned. */
async function consume(
  stream: ReadableStream<Uint8Array>,
  name: "stdout" | "stderr",
  onOutput: ExecOptions["onOutput"],
  abandon: Promise<void>,
): Promise<string> {
  const reader = stream.getReader();
  void abandon.then(() => reader.cancel()).catch(() => undefined);
  const chunks: Uint8Array[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (onOutput === undefined) chunks.push(part.value);
    else onOutput(name, part.value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export const spawn: Spawn = (argv, options = {}) => {
  const child = Bun.spawn(resolveArgv(argv), {
    env: { ...(options.env ?? CLEAN_ENV) },
    stdin: options.stdin ?? "ignore",
    stdout: options.stdout ?? "ignore",
    stderr: options.stderr ?? "ignore",
    detached: options.detached ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return {
    pid: child.pid,
    exited: child.exited.then(() => exitStatus(child)),
    stdout: options.stdout === "pipe" ? (child.stdout as ReadableStream<Uint8Array>) : undefined,
    stderr: options.stderr === "pipe" ? (child.stderr as ReadableStream<Uint8Array>) : undefined,
    kill: (signal) => child.kill(signal),
  };
};

function exitStatus(child: { exitCode: number | null; signalCode: string | number | null }): number {
  if (child.exitCode !== null) return child.exitCode;
  const signal = child.signalCode ?? 0;
  return 128 + (typeof signal === "number" ? signal : (system.signals[signal as NodeJS.Signals] ?? 0));
}

export const executor: Executor = { exec, spawn };
