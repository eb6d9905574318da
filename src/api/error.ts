import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ErrorAnswer } from "../contract/answer.ts";
import { describeError, type ErrorCode, errorCode, KleeneError } from "../errors.ts";
import { log } from "../log.ts";

const STATUS: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  invalid: 400,
  "not-found": 404,
  ambiguous: 409,
  conflict: 409,
  "in-use": 409,
  busy: 409,
  "no-space": 507,
  "missing-tool": 503,
  "not-prepared": 503,
  permission: 403,
  unsupported: 422,
  unavailable: 503,
  failed: 409,
  canceled: 409,
  internal: 500,
};

/**
 * The status that a failure is answered with. Kleened's client survives only the statuses that an endpoint documents
 * (`survivable`): any other natural status falls to the nearest of them, and to 500 only where there is no other.
 */
export function errorStatus(
  code: ErrorCode,
  survivable: readonly ContentfulStatusCode[] | undefined,
): ContentfulStatusCode {
  const natural = STATUS[code];
  if (survivable === undefined || survivable.includes(natural)) return natural;
  return ([404, 409, 500] as const).find((status) => survivable.includes(status)) ?? natural;
}

/** What a client is told of an error. A defect of ours is logged with its stack and told without details. */
export function errorAnswer(error: unknown): ErrorAnswer & { code: ErrorCode } {
  if (error instanceof KleeneError) {
    if (error.code === "internal") log.error(error);
    return { message: describeError(error), code: error.code };
  }
  log.error(error);
  if (hasCode(error, ["ENOSPC", "EDQUOT", "SQLITE_FULL"])) return { message: "the pool is full", code: "no-space" };
  if (hasCode(error, ["EIO", "ENOTCONN", "SQLITE_IOERR"])) {
    return {
      message: "the pool cannot be read or written: see zpool status, then restart the daemon",
      code: "unavailable",
    };
  }
  return { message: "internal error; the daemon's log tells more", code: errorCode(error) };
}

/** Any read or write of a file or of the database may meet a full or broken pool. SQLite's codes have endings. */
function hasCode(error: unknown, codes: readonly string[]): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = "code" in at ? String(at.code) : "";
    if (codes.some((each) => code === each || code.startsWith(`${each}_`))) return true;
  }
  return false;
}

/** Kleened's client reads `[word]` as markup: it drops the word, and ends with a traceback at `[/word]`. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(MARKUP, "\\$&");
}

export function hasMarkup(text: string): boolean {
  return text.search(MARKUP) >= 0;
}

/** The beginning of what Python's `rich` takes for a tag. */
const MARKUP = /\[(?=[a-z#/@])/gi;
