import { CHANNEL, type StreamMessage, type StreamProgress, type StreamResult } from "../contract/stream.ts";
import { KleeneError } from "../errors.ts";
import { isRecord, parseJson, toErrorCode } from "./answer.ts";
import type { Connection } from "./connection.ts";
import type { CloseReason } from "./websocket.ts";

/** What a stream tells. The next message is taken when the handler's promise is fulfilled. */
export interface StreamListener {
  output(stream: "stdout" | "stderr", chunk: Uint8Array): Promise<void>;
  status(line: string): Promise<void>;
  progress(progress: StreamProgress): void;
}

/** A stream that ended with a failure; `exitCode` is that of the process it is about, if there was one. */
export class StreamError extends KleeneError {
  constructor(
    code: KleeneError["code"],
    message: string,
    readonly exitCode: number | undefined,
  ) {
    super(code, message);
  }
}

export type StreamPath = "/images/build" | "/images/create" | "/exec/start";

/**
 * Runs one of the streaming operations to its end.
 *
 * @param control receives a function that sends a signal to the stream's process, as soon as there is one
 * @throws StreamError the daemon's failure; KleeneError `unavailable` when the daemon is gone before the end
 */
export async function follow(
  connection: Connection,
  path: StreamPath,
  configuration: object,
  listener: StreamListener,
  control?: (signal: (name: NodeJS.Signals) => void) => void,
): Promise<StreamResult> {
  const socket = await connection.open(path);
  try {
    socket.send(JSON.stringify({ ...configuration, framed: true }));
    control?.((signal) => socket.send(JSON.stringify({ signal })));
    let result: StreamResult | undefined;
    for await (const message of socket.messages) {
      if (typeof message !== "string") result = (await takeFrame(message, listener)) ?? result;
    }
    return finish(result, await socket.closed);
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** @returns the result, when the frame holds it */
export async function takeFrame(frame: Uint8Array, listener: StreamListener): Promise<StreamResult | undefined> {
  const payload = frame.subarray(1);
  switch (frame[0]) {
    case CHANNEL.stdout:
      await listener.output("stdout", payload);
      return undefined;
    case CHANNEL.stderr:
      await listener.output("stderr", payload);
      return undefined;
    case CHANNEL.status:
      await listener.status(new TextDecoder().decode(payload));
      return undefined;
    case CHANNEL.progress: {
      const progress = parseJson(new TextDecoder().decode(payload));
      if (isRecord(progress)) listener.progress(progress as StreamProgress);
      return undefined;
    }
    case CHANNEL.result: {
      const result = parseJson(new TextDecoder().decode(payload));
      return isRecord(result) ? (result as StreamResult) : undefined;
    }
    default:
      return undefined;
  }
}

/** The result, or the failure that the result or the reason of the close tells of. */
export function finish(result: StreamResult | undefined, closed: CloseReason): StreamResult {
  if (result?.error !== undefined) {
    throw new StreamError(toErrorCode(result.error.code) ?? "internal", result.error.message, result.exit_code);
  }
  if (result !== undefined) return result;
  const said = parseJson(closed.reason);
  const message = isRecord(said) ? (said as Partial<StreamMessage>) : {};
  if (message.msg_type === "error") {
    throw new StreamError("internal", message.message || "the daemon gave no reason", undefined);
  }
  if (closed.code === 1000 || closed.code === 1001) return message.data ? { id: message.data } : {};
  throw new StreamError("unavailable", "the daemon closed the connection before the end", undefined);
}
