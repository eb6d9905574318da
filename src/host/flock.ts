import { dlopen } from "bun:ffi";
import { closeSync, openSync } from "node:fs";
import { KleeneError } from "../errors.ts";
import { FREEBSD_LIBC, LINUX_LIBC } from "./libc/libc.ts";

/** A file lock that ends with its owner, however that ends. The file itself stays. */
export interface Lock extends Disposable {
  /** A program that gets it, too, holds the lock as long as it runs. */
  readonly descriptor: number;
  release(): void;
}

/** flock(2)'s operations, the same numbers on both systems. */
const OPERATION = { shared: 1, exclusive: 2 } as const;
const WITHOUT_WAITING = 4;

const SYMBOLS = { flock: { args: ["i32", "i32"], returns: "i32" } } as const;

let libc: { flock(descriptor: number, operation: number): number } | undefined;

/** FreeBSD's first: a FreeBSD host may have a `libc.so.6` too, that of an older release. */
function loadLibc(): { flock(descriptor: number, operation: number): number } {
  for (const { library } of [FREEBSD_LIBC, LINUX_LIBC]) {
    try {
      return dlopen(library, SYMBOLS).symbols;
    } catch {}
  }
  throw new KleeneError("missing-tool", "cannot load the C library, which has flock");
}

/** flock(2) of an open file, without waiting: false when somebody else's lock is in the way. */
export function flock(descriptor: number, operation: keyof typeof OPERATION): boolean {
  libc ??= loadLibc();
  return libc.flock(descriptor, OPERATION[operation] | WITHOUT_WAITING) === 0;
}

/**
 * Takes the lock if nobody has it. Another holder may be this process, through an earlier call.
 *
 * @param path created with mode 0600 where it is missing; its directory has to exist
 * @throws the system's error when the file cannot be opened
 */
export function tryLock(path: string): Lock | undefined {
  // Bun opens with O_CLOEXEC: programs started meanwhile do not hold the lock.
  const descriptor = openSync(path, "a", 0o600);
  if (!flock(descriptor, "exclusive")) {
    closeSync(descriptor);
    return undefined;
  }
  let held = true;
  const release = () => {
    if (held) closeSync(descriptor);
    held = false;
  };
  return { descriptor, release, [Symbol.dispose]: release };
}
