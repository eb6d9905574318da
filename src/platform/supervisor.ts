import { existsSync, readFileSync, watch } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Argv, Executor } from "../host/exec.ts";

/**
 * Runs a command in a session of its own that outlives the daemon: its output is appended to `stdout` and `stderr` in
 * the directory; when it has ended, a second command tidies up; then its status is in `exit`, with its line's end or
 * not yet. The shell does all of it by itself: each further program would delay the news of the end.
 * The values are arguments: $1 the directory, $2 the number of words of the second command, then both commands' words.
 * A shell that catches a signal resets it for its children, so the traps reach only the supervisor itself.
 */
const SUPERVISOR = `
directory=$1 after=$2
shift 2
trap : HUP INT TERM
echo $$ >"$directory/supervisor"
run() { shift "$after"; "$@"; }
run "$@" </dev/null >>"$directory/stdout" 2>>"$directory/stderr"
status=$?
if [ "$status" -eq 137 ] && [ -s "$directory/killed-as" ]; then read -r status <"$directory/killed-as"; fi
words= i=0
while [ "$i" -lt "$after" ]; do i=$((i + 1)); words="$words \\"\\\${$i}\\""; done
eval "$words"
echo "$status" >"$directory/exit"
echo ended >>"$directory/supervisor"
exit "$status"
`;

/** What `exited` says when the supervisor itself was killed and no status is left: as if by SIGKILL. */
const LOST = 137;
/** The watch on the file is quick; this is for file systems where it does not work. Milliseconds. */
const POLL = 1_000;

export interface Supervised {
  /** The supervisor's own; the command's is known to the driver that made it. */
  readonly pid: number;
  /** The command's exit status, once it has ended, its output is in the files and the second command is done. */
  readonly exited: Promise<number>;
}

export interface SupervisedCommand {
  /** An absolute path of an existing directory. */
  readonly directory: string;
  readonly argv: Argv;
  /** Runs when the command has ended, whatever its status; its output goes nowhere. */
  readonly after?: Argv;
}

/** Starts a command under a supervisor; no value of it is ever parsed by the shell. */
export function startSupervised(
  { spawn }: Pick<Executor, "spawn">,
  { directory, argv, after = undefined }: SupervisedCommand,
): Supervised {
  const words = after ?? [];
  const child = spawn(
    ["/bin/sh", "-c", SUPERVISOR, "kleene-supervisor", directory, String(words.length), ...words, ...argv],
    { detached: true, cwd: "/" },
  );
  return { pid: child.pid, exited: child.exited };
}

/**
 * Finds the supervisor again that an earlier daemon started in the directory. Undefined when it is gone and has left
 * no status.
 */
export async function adoptSupervised(
  { exec }: Pick<Executor, "exec">,
  directory: string,
): Promise<Supervised | undefined> {
  const pid = await supervisorPid(directory);
  if (pid !== undefined && (await isSupervisor(exec, pid, directory))) {
    return { pid, exited: waitForExit(directory, pid) };
  }
  const status = await recordedExit(directory);
  return status === undefined ? undefined : { pid: pid ?? 0, exited: Promise.resolve(status) };
}

/** The exit status in the directory, undefined as long as there is none. */
export async function recordedExit(directory: string): Promise<number | undefined> {
  return parseExit(await readFile(join(directory, "exit"), "utf8").catch(() => ""));
}

/** Says that the command, which is about to be killed by SIGKILL, is to be recorded with another status. */
export async function recordKillAs(directory: string, status: number): Promise<void> {
  const path = join(directory, "killed-as");
  await writeFile(`${path}.new`, `${status}\n`);
  await rename(`${path}.new`, path);
}

function parseExit(text: string): number | undefined {
  return /^\d{1,3}\n$/.test(text) ? Number(text) : undefined;
}

async function supervisorPid(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, "supervisor"), "utf8").catch(() => "");
  const pid = /^(\d+)\n/.exec(text)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** A number may have been given to another process since; the directory among its words tells. */
async function isSupervisor(exec: Executor["exec"], pid: number, directory: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (existsSync("/proc/self/cmdline")) {
    const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return words.split("\0").includes(directory);
  }
  const args = await exec(["ps", "-ww", "-o", "args=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return args.stdout.includes(`kleene-supervisor ${directory} `);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The supervisor's last act is to append to a file of its own, which is what is watched. */
function waitForExit(directory: string, pid: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const look = () => {
    const alive = isAlive(pid);
    const status = readExit(directory) ?? (alive ? undefined : LOST);
    if (status !== undefined) resolve(status);
  };
  const watcher = tryWatch(join(directory, "supervisor"), look);
  const timer = setInterval(look, POLL);
  look();
  return promise.finally(() => {
    clearInterval(timer);
    watcher?.close();
  });
}

function readExit(directory: string): number | undefined {
  try {
    return parseExit(readFileSync(join(directory, "exit"), "utf8"));
  } catch {
    return undefined;
  }
}

function tryWatch(path: string, onChange: () => void): { close(): void } | undefined {
  try {
    const watcher = watch(path, onChange);
    watcher.on("error", onChange);
    return watcher;
  } catch {
    return undefined;
  }
}
