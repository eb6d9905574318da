import { dlopen, type Pointer } from "bun:ffi";
import { FREEBSD_LIBC } from "./libc.ts";

const P_PID = 0;
const PROC_TRACE_CTL = 7;
const PROC_TRACE_CTL_DISABLE = new Int32Array([2]);

export interface JailCalls {
  /** jail_getid(3): the ID of a running jail; undefined when there is none of that name. */
  getId(name: Pointer): number | undefined;
  /** jail_attach(2): this process into the jail, with its root as working directory. False when it failed. */
  attach(jid: number): boolean;
  /** procctl(2): until the next execve no other process may trace this one, root of the jail included. */
  forbidTracing(): void;
}

/** dlopen(3)s what only FreeBSD has. */
export function openJailCalls(): JailCalls {
  const libjail = dlopen("libjail.so.1", { jail_getid: { args: ["ptr"], returns: "i32" } } as const).symbols;
  const libc = dlopen(FREEBSD_LIBC.library, {
    jail_attach: { args: ["i32"], returns: "i32" },
    procctl: { args: ["i32", "i64", "i32", "ptr"], returns: "i32" },
  } as const).symbols;
  return {
    getId: (name) => {
      const jid = libjail.jail_getid(name);
      return jid < 0 ? undefined : jid;
    },
    attach: (jid) => libc.jail_attach(jid) === 0,
    forbidTracing: () => {
      libc.procctl(P_PID, process.pid, PROC_TRACE_CTL, PROC_TRACE_CTL_DISABLE);
    },
  };
}
