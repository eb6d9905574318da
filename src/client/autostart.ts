import { closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { KleeneError, systemErrorCode } from "../errors.ts";
import { CLEAN_ENV, type RunningProgram, spawn } from "../host/exec.ts";
import { type Lock, tryLock } from "../host/flock.ts";
import { type Address, DEFAULT_ADDRESS } from "./address.ts";
import { answers } from "./probe.ts";

/** Seconds without work after which a daemon that was started here ends. */
const IDLE_TIMEOUT = 60;
/** Milliseconds a daemon has to answer. It may have to import a pool first. */
const START_TIMEOUT = 60_000;
const INTERVAL = 10;
const LOG = "/var/log/kleene/daemon.log";

/**
 * Starts a daemon in the background and waits until it answers. Of several clients at once the one with the lock starts
 * it; the others wait with it. The lock ends with its holder, so that a killed client blocks nobody.
 *
 * @throws KleeneError `unavailable` with the daemon's own words when it does not come up; `permission`
 */
export async function startDaemon(address: Address, socket: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (await answers(socket)) return;
    const lock = takeLock(socket);
    if (lock !== undefined) {
      using _ = lock;
      // The one who had the lock before may have been successful.
      if (await answers(socket)) return;
      await startAndWait(address, socket, deadline);
      return;
    }
    await Bun.sleep(INTERVAL);
  }
  throw new KleeneError("unavailable", `no daemon answers on ${socket}, although another process is starting one`);
}

async function startAndWait(address: Address, socket: string, deadline: number): Promise<void> {
  const path = address.text === DEFAULT_ADDRESS ? LOG : `${socket}.log`;
  const log = openLog(path);
  let ended: number | undefined;
  let daemon: RunningProgram;
  const before = fstatSync(log).size;
  try {
    daemon = spawn(daemonArgv(address), {
      detached: true,
      cwd: "/",
      env: daemonEnvironment(process.env),
      stdout: log,
      stderr: log,
    });
  } finally {
    closeSync(log);
  }
  void daemon.exited.then((status) => {
    ended = status;
  });
  while (Date.now() < deadline) {
    if (await answers(socket)) return;
    if (ended !== undefined) throw new KleeneError("unavailable", failureOf(path, before, ended));
    await Bun.sleep(INTERVAL);
  }
  daemon.kill("SIGTERM");
  throw new KleeneError("unavailable", `the daemon did not answer within ${START_TIMEOUT / 1000} s, see ${path}`);
}

/** This executable again: a compiled one is its own program, a development one is Bun with a script. */
function daemonArgv(address: Address): readonly [string, ...string[]] {
  const script = Bun.main.startsWith("/$bunfs/") ? [] : [Bun.main];
  const host = address.text === DEFAULT_ADDRESS ? [] : ["--host", address.text];
  return [process.execPath, ...script, "daemon", "--idle-timeout", String(IDLE_TIMEOUT), ...host];
}

/** The daemon's own settings and what downloads need; nothing else of the user's session. */
export function daemonEnvironment(ours: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment: Record<string, string> = { ...CLEAN_ENV };
  for (const [name, value] of Object.entries(ours)) {
    const wanted =
      /^KLEENE_/.test(name) || /^(https?|ftp|no|all)_proxy$/i.test(name) || /^(TMPDIR|TZ|HOME|SSL_CERT_.*)$/.test(name);
    if (wanted && value !== undefined) environment[name] = value;
  }
  return environment;
}

function takeLock(socket: string): Lock | undefined {
  try {
    mkdirSync(dirname(socket), { recursive: true });
    return tryLock(`${socket}.start.lock`);
  } catch (cause) {
    throw cannotStart(socket, cause);
  }
}

function openLog(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    return openSync(path, "a+", 0o640);
  } catch (cause) {
    throw cannotStart(path, cause);
  }
}

function cannotStart(path: string, cause: unknown): unknown {
  const code = systemErrorCode(cause);
  if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") return cause;
  return new KleeneError("permission", `no daemon runs, and ${path} cannot be written to start one: run as root`);
}

/** The daemon's last words. */
function failureOf(path: string, before: number, status: number): string {
  const lines = linesSince(path, before).slice(-5);
  if (lines.length === 0) return `the daemon ended with status ${status}, see ${path}`;
  return `cannot start the daemon: ${lines.map((line) => line.replace(/^kleened?: /, "")).join("\n")}`;
}

function linesSince(path: string, before: number): string[] {
  const log = openSync(path, "r");
  try {
    const length = Math.max(0, fstatSync(log).size - before);
    const text = Buffer.alloc(Math.min(length, 64 * 1024));
    readSync(log, text, 0, text.length, before + length - text.length);
    return text
      .toString("utf8")
      .split("\n")
      .filter((line) => line.trim() !== "");
  } finally {
    closeSync(log);
  }
}
