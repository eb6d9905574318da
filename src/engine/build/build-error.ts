import { type ErrorCode, KleeneError } from "../../errors.ts";

/** A build that failed at one of its instructions. */
export class BuildError extends KleeneError {
  constructor(
    code: ErrorCode,
    message: string,
    /** The image that keeps what was built, or "". */
    readonly imageId: string,
    /** The most recent snapshot of it, without "@", or "". */
    readonly snapshot: string,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
  }
}
