import * as v from "valibot";
import { ERROR_CODES } from "../errors.ts";

/** The body of every failed request. `code` is Kleene's addition to Kleened's `message`. */
export const ErrorAnswer = v.object({
  message: v.string(),
  code: v.optional(v.picklist(ERROR_CODES)),
});
export type ErrorAnswer = v.InferOutput<typeof ErrorAnswer>;

export const IdAnswer = v.object({ id: v.string() });
export type IdAnswer = v.InferOutput<typeof IdAnswer>;
