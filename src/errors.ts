/**
 * Every failure that a user can cause has one of these codes. They are chosen where the failure is understood
 * (beside the program that failed), and translated once per boundary: to an HTTP status, to an exit status.
 */
export const ERROR_CODES = [
  "invalid", // the request itself is wrong; the same request never works
  "not-found",
  "ambiguous", // a prefix that fits several objects
  "conflict", // a name is taken, or the object is in the wrong state
  "in-use", // something else still needs it
  "busy", // another change of the same object is under way
  "no-space", // the pool or a quota is full
  "missing-tool", // a program the host lacks
  "not-prepared", // no pool, no root dataset: `kleene init` was not run
  "permission",
  "unsupported", // this platform or version cannot do it
  "unavailable", // a daemon, download or pool that does not answer
  "failed", // a user's own program failed: RUN, an exec, a hook
  "canceled",
  "internal", // a defect of Kleene's
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A failure in the words of the layer that throws it; the layer below is its `cause`. */
export class KleeneError extends Error {
  override readonly name = "KleeneError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A program that exited non-zero, was killed, or ran out of time. `argv` never holds secrets. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** It was killed because it ran longer than it may. */
  readonly timedOut: boolean;

  constructor(
    readonly argv: readonly string[],
    /** The exit status, 128+n after signal n. */
    readonly exitCode: number,
    readonly stderr: string,
    options?: { cause?: unknown; timedOut?: boolean },
  ) {
    super(commandFailure(argv, exitCode, stderr, options?.timedOut ?? false), options);
    this.timedOut = options?.timedOut ?? false;
  }
}

function commandFailure(argv: readonly string[], exitCode: number, stderr: string, timedOut: boolean): string {
  const program = argv[0] ?? "";
  const said = stderr.trim().split("\n")[0] ?? "";
  if (timedOut) return `${program} ran out of time`;
  return said === "" ? `${program} exited with ${exitCode}` : said;
}

/** The error and its causes in one line, `what: why: why`; a cause that repeats its error is left out. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>([undefined, null]);
  for (let at: unknown = error; !seen.has(at); at = at instanceof Error ? at.cause : undefined) {
    seen.add(at);
    const text = at instanceof Error ? messageOf(at) : String(at);
    if (text !== "" && !parts.some((part) => part.includes(text))) parts.push(text);
  }
  return parts.join(": ");
}

/** Of `ENOENT: no such file or directory, open '/x'` the words: the path is told by whoever asked for it. */
function messageOf(error: Error): string {
  const [, words] = "syscall" in error ? (/^[A-Z0-9]+: (.+?), [a-z]+\b/.exec(error.message) ?? []) : [];
  return words ?? error.message;
}

/** The code of a KleeneError; anything else that was thrown is a defect of ours. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof KleeneError ? error.code : "internal";
}

/** The errno of a failed system call by its name, `ENOENT`; undefined for an error that is about something else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof KleeneError || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Turns a missing value into a `not-found`: absence is `undefined` when reading and an error when changing. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new KleeneError("not-found", what);
  return value;
}
