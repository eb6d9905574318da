import { chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { answers } from "../client/probe.ts";
import { KleeneError } from "../errors.ts";
import { type Lock, tryLock } from "../host/flock.ts";

/** FreeBSD's limit; Linux has four more. */
const LONGEST_PATH = 103;
/** Milliseconds that a daemon which is ending, or beginning, may take. */
const PATIENCE = 20_000;
const INTERVAL = 50;

/**
 * Makes this process the only daemon that listens at `path`, and removes a socket that a dead one left there.
 *
 * @throws KleeneError `conflict` when a daemon answers there or something else is in its place; `invalid`
 */
export async function claimSocket(path: string, patience = PATIENCE): Promise<Lock> {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new KleeneError("invalid", `the path of the socket ${path} is longer than ${LONGEST_PATH} bytes`);
  }
  withUmask(0o022, () => mkdirSync(dirname(path), { recursive: true }));
  const lock = await takeLock(path, Date.now() + patience);
  try {
    await removeStale(path);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function takeLock(path: string, deadline: number): Promise<Lock> {
  for (;;) {
    if (await answers(path)) throw alreadyRunning(path);
    const lock = tryLock(`${path}.lock`);
    if (lock !== undefined) return lock;
    // A daemon that has the lock and does not answer has just begun, or is about to end.
    if (Date.now() >= deadline) throw alreadyRunning(path);
    await Bun.sleep(INTERVAL);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new KleeneError("conflict", `cannot listen on ${path}: it exists and is not a socket`);
  if (await answers(path)) throw alreadyRunning(path);
  unlinkSync(path);
}

function alreadyRunning(path: string): KleeneError {
  return new KleeneError("conflict", `a daemon is already running on ${path}`);
}

/** Runs `bind` so that the socket it makes is never open to more than root and root's group. */
export function bindPrivately<T>(path: string, bind: () => T): T {
  const bound = withUmask(0o117, bind);
  chownSync(path, 0, 0);
  chmodSync(path, 0o660);
  return bound;
}

function withUmask<T>(mask: number, action: () => T): T {
  const before = process.umask(mask);
  try {
    return action();
  } finally {
    process.umask(before);
  }
}
