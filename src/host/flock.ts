import { dlopen } from "bun:ffi";
import { closeSync, openSync } from "node:fs";
import { KleeneError } from "../errors.ts";

/** A file lock that ends with its owner, however that ends. The file itself stays. */
export interface Lock extends Disposable {
  release(): void;
}

/** flock(2); the same numbers on FreeBSD and Linux. */
const LOCK_EX = 2;
const LOCK_NB = 4;
/** Milliseconds between two attempts. */
const INTERVAL = 20;

const SYMBOLS = { flock: { args: ["i32", "i32"], returns: "i32" } } as const;

let libc: { flock(descriptor: number, operation: number): number } | undefined;

/** glibc, FreeBSD's libc, musl: whichever is there. */
function loadLibc(): { flock(descriptor: number, operation: number): number } {
  for (const name of ["libc.so.6", "libc.so.7", "libc.so"]) {
    try {
      return dlopen(name, SYMBOLS).symbols;
    } catch {}
  }
  throw new KleeneError("missing-tool", "cannot load the C library, which has flock");
}

/**
 * Takes the lock if nobody has it. Another holder may be this process, through an earlier call.
 *
 * @param path created with mode 0600 where it is missing; its directory has to exist
 * @throws the system's error when the file cannot be opened
 */
export function tryLock(path: string): Lock | undefined {
  libc ??= loadLibc();
  // Bun opens with O_CLOEXEC: programs started meanwhile do not hold the lock.
  const descriptor = openSync(path, "a", 0o600);
  if (libc.flock(descriptor, LOCK_EX | LOCK_NB) !== 0) {
    closeSync(descriptor);
    return undefined;
  }
  let held = true;
  const release = () => {
    if (held) closeSync(descriptor);
    held = false;
  };
  return { release, [Symbol.dispose]: release };
}

/** Takes the lock, waiting for its holder. @param timeout milliseconds @throws KleeneError `busy` when it runs out */
export async function lock(path: string, timeout = 30_000): Promise<Lock> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const taken = tryLock(path);
    if (taken !== undefined) return taken;
    if (Date.now() >= deadline) throw new KleeneError("busy", `the lock ${path} is held by another process`);
    await Bun.sleep(INTERVAL);
  }
}
