import type { StreamProgress, StreamResult } from "../contract/stream.ts";
import type { Output } from "../engine/output.ts";
import type { ErrorCode } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { bytePieces, channelFrame, textPieces } from "./frame.ts";
import { lineFrames, verbatimFrames } from "./klee-text.ts";

/** One streaming endpoint's output, in one of the encodings of `contract/stream.ts`. */
export interface Stream extends Output {
  /** The first message was sent. */
  readonly started: boolean;
  /** The first message; later calls do nothing. */
  starting(data: string): void;
  result(result: StreamResult): void;
  /** A failure's reason, once, and the exit status that our own client makes of it. */
  failed(error: { message: string; code: ErrorCode }, exitCode: number | undefined): void;
}

/** `build`: text only, and lines as Kleened's client renders them. `text`: text only. `raw`: binary where it is no text. */
export type PlainEncoding = "build" | "text" | "raw";

/** The stream for Kleene's own client: a channel's byte before each payload. */
export function framedStream(connection: Connection): Stream {
  const first = new FirstMessage(connection);
  const result = (outcome: StreamResult) => connection.write(channelFrame("result", JSON.stringify(outcome)));
  return {
    get started() {
      return first.sent;
    },
    starting: (data) => first.send(data),
    status: (line) => connection.write(channelFrame("status", line)),
    bytes(stream, chunk) {
      for (const piece of bytePieces(chunk)) connection.write(channelFrame(stream, piece));
    },
    progress: (progress: StreamProgress) => connection.write(channelFrame("progress", JSON.stringify(progress))),
    result,
    failed: (error, exitCode) => result({ error, ...(exitCode === undefined ? {} : { exit_code: exitCode }) }),
  };
}

/** The stream for Kleened's clients: bare output, stdout and stderr merged. */
export function plainStream(connection: Connection, encoding: PlainEncoding): Stream {
  const first = new FirstMessage(connection);
  const decoders = { stdout: textDecoder(), stderr: textDecoder() };
  const write = (frames: readonly string[]) => {
    for (const frame of frames) for (const piece of textPieces(frame)) connection.write(piece);
  };
  const verbatim = (text: string) => write(encoding === "build" ? verbatimFrames(text) : [text]);
  const flush = () => {
    for (const decoder of Object.values(decoders)) verbatim(decoder.decode());
  };
  const status = (line: string) => {
    flush();
    write(encoding === "build" ? lineFrames(line) : [`${line}\n`]);
  };
  return {
    get started() {
      return first.sent;
    },
    starting: (data) => first.send(data),
    status,
    bytes(stream, chunk) {
      for (const piece of bytePieces(chunk)) {
        if (encoding === "raw") connection.write(decodeWhole(piece) ?? piece);
        else verbatim(decoders[stream].decode(piece, { stream: true }));
      }
    },
    progress() {},
    result: flush,
    failed: ({ message }) => status(message),
  };
}

class FirstMessage {
  sent = false;

  constructor(private readonly connection: Connection) {}

  send(data: string): void {
    if (this.sent) return;
    this.sent = true;
    this.connection.write(JSON.stringify({ msg_type: "starting", message: "", data }));
  }
}

/** A frame of text must be UTF-8 on its own, so a character that is cut by a chunk's end waits for the next chunk. */
function textDecoder(): InstanceType<typeof TextDecoder> {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** The text, or undefined where the bytes are not UTF-8 from their first to their last. */
function decodeWhole(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
