import { type ErrorCode, errorCode } from "../errors.ts";

/** Kleene's own failures, a wrong command line among them, as with `docker run`. */
export const KLEENE_FAILED = 125;
/** The reader of our output went away: 128 + SIGPIPE, as programs end that do not handle it. */
export const OUTPUT_CLOSED = 141;
/** 128 + SIGINT. */
export const INTERRUPTED = 130;

/**
 * The exit status of a failed command. Commands that run a process exit with the process's own status (128+n after
 * signal n, 126 and 127 when the program cannot be executed or found); 125 tells Kleene's failures from those.
 */
export function exitStatus(error: unknown): number {
  const reported = processStatus(error);
  if (reported !== undefined) return reported;
  return STATUS[errorCode(error)] ?? KLEENE_FAILED;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  /** The user's own program failed: a RUN instruction. */
  failed: 1,
  canceled: INTERRUPTED,
};

/** A failure of a stream may carry the status of the process it is about. */
function processStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("exitCode" in error)) return undefined;
  return typeof error.exitCode === "number" && error.exitCode > 0 && error.exitCode < 256 ? error.exitCode : undefined;
}
