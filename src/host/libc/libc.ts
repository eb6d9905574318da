import { dlopen, type Pointer, ptr, read } from "bun:ffi";
import { constants } from "node:os";

/** Which library it is, and what it calls the place of errno. */
export interface LibcName {
  readonly library: string;
  readonly errno: "__error" | "__errno_location";
}

export const FREEBSD_LIBC: LibcName = { library: "libc.so.7", errno: "__error" };
export const LINUX_LIBC: LibcName = { library: "libc.so.6", errno: "__errno_location" };

/** close_range(2)'s flag that marks instead of closing, the same on both systems. */
const CLOSE_RANGE_CLOEXEC = 4;

/** What a Bun process or the shell that started it may have ignored, and exec(2) would hand on. */
const IGNORABLE = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGCHLD",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGXFSZ",
] as const;

/** Parts of the C library, for what neither a program nor Bun does. Every call answers 0 or the errno. */
export interface Libc {
  chdir(path: Pointer): number;
  chroot(path: Pointer): number;
  setgroups(groups: readonly number[]): number;
  setgid(gid: number): number;
  setuid(uid: number): number;
  /** Gives the signals that may be ignored their default action again. */
  defaultSignals(): void;
  /** No descriptor from `first` on outlives the next execve. */
  closeOnExec(first: number): number;
  /** Returns only when it failed. @param argv, env arrays of pointers that end with a null */
  execve(path: Pointer, argv: Pointer, env: Pointer): number;
  /** Ends the process at once. */
  exit(status: number): never;
}

/** dlopen(3)s the C library. */
export function openLibc({ library, errno }: LibcName): Libc {
  const { symbols } = dlopen(library, {
    [errno]: { args: [], returns: "ptr" },
    chdir: { args: ["ptr"], returns: "i32" },
    chroot: { args: ["ptr"], returns: "i32" },
    setgroups: { args: ["u64", "ptr"], returns: "i32" },
    setgid: { args: ["u32"], returns: "i32" },
    setuid: { args: ["u32"], returns: "i32" },
    signal: { args: ["i32", "ptr"], returns: "ptr" },
    close_range: { args: ["u32", "u32", "i32"], returns: "i32" },
    execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
    _exit: { args: ["i32"], returns: "void" },
  } as const);
  // One place per thread; looked up now, so that nothing comes between a call and its errno.
  const place = (symbols as unknown as Record<string, () => Pointer>)[errno]?.() as Pointer;
  const outcome = (result: number) => (result === 0 ? 0 : read.i32(place));
  return {
    chdir: (path) => outcome(symbols.chdir(path)),
    chroot: (path) => outcome(symbols.chroot(path)),
    setgroups: (groups) => {
      const list = new Uint32Array([...groups, 0]);
      return outcome(symbols.setgroups(groups.length, ptr(list)));
    },
    setgid: (gid) => outcome(symbols.setgid(gid)),
    setuid: (uid) => outcome(symbols.setuid(uid)),
    defaultSignals: () => {
      for (const name of IGNORABLE) symbols.signal(constants.signals[name], null);
    },
    closeOnExec: (first) => outcome(symbols.close_range(first, 0xffffffff, CLOSE_RANGE_CLOEXEC)),
    execve: (path, argv, env) => outcome(symbols.execve(path, argv, env)),
    exit: (status) => symbols._exit(status) as never,
  };
}
