import * as v from "valibot";

/**
 * The streaming endpoints `/images/build`, `/images/create` and `/exec/start`. The client's first frame is a JSON
 * configuration. The daemon answers with a `starting` message, then output, then a Close frame whose reason is a
 * message of at most 123 bytes.
 *
 * Kleened's output frames hold bare text, with stdout and stderr merged. With `"framed": true` in the configuration,
 * each is binary and begins with a byte that names its channel.
 */
export const StreamMessage = v.object({
  msg_type: v.picklist(["starting", "closing", "error"]),
  message: v.string(),
  data: v.string(),
});
export type StreamMessage = v.InferOutput<typeof StreamMessage>;

/** First byte of a framed stream's binary frames. */
export const CHANNEL = {
  /** Client to daemon: standard input. An empty frame is its end. */
  stdin: 0,
  stdout: 1,
  stderr: 2,
  /** A line of Kleene's own, without its newline: `Step 1/3 : FROM base`. A failure's reason is in the result. */
  status: 3,
  /** JSON of a `StreamResult`, once, before the Close frame. */
  result: 4,
  /** JSON of a `StreamProgress`: the state of a long step, each one replacing the one before. */
  progress: 5,
} as const;
export type Channel = keyof typeof CHANNEL;

/** How the operation ended. */
export const StreamResult = v.object({
  /** A new image's ID. */
  id: v.optional(v.string()),
  /** A process's exit status. */
  exit_code: v.optional(v.number()),
  error: v.optional(v.object({ message: v.string(), code: v.string() })),
});
export type StreamResult = v.InferOutput<typeof StreamResult>;

export const StreamProgress = v.object({
  what: v.string(),
  /** Bytes, or whatever is counted; `total` is null where it is not known. */
  done: v.number(),
  total: v.nullable(v.number()),
});
export type StreamProgress = v.InferOutput<typeof StreamProgress>;
