import type { Argv } from "../exec.ts";

/** Where runc keeps its state (`--root`); two daemons with two of them never see each other's jails. */
interface Common {
  readonly root: string;
  readonly name: string;
}

interface Logged extends Common {
  /** A file for runc's own messages, as JSON lines. */
  readonly log: string;
  /** Receives the process's number, on the host, when it runs. */
  readonly pidFile?: string;
}

/** `runc run` in the foreground: it copies the process's output, exits with its status and removes the jail. */
export function runArgv({ root, log, pidFile, name, bundle }: Logged & { readonly bundle: string }): Argv {
  return ["runc", ...global(root, log), "run", "--bundle", bundle, ...pidFileOption(pidFile), name];
}

/** `runc exec` in the foreground. @param processFile an OCI process as JSON, so that nothing of it shows in ps(1) */
export function execArgv({ root, log, pidFile, name, processFile }: Logged & { readonly processFile: string }): Argv {
  return ["runc", ...global(root, log), "exec", "--process", processFile, ...pidFileOption(pidFile), name];
}

/** Kills what is left of a jail and removes it; succeeds when there is none. */
export function deleteArgv({ root, name }: Common): Argv {
  return ["runc", "--root", root, "delete", "--force", name];
}

function global(root: string, log: string): string[] {
  return ["--root", root, "--log", log, "--log-format", "json"];
}

function pidFileOption(pidFile: string | undefined): string[] {
  return pidFile === undefined ? [] : ["--pid-file", pidFile];
}
