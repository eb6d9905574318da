import type { StreamProgress } from "../contract/stream.ts";

/** Where a long operation says what it does. Nothing is kept when nobody listens. */
export interface Output {
  /** A line of Kleene's own, without its newline. */
  status(line: string): void;
  /** What a program prints, byte by byte. */
  bytes(stream: "stdout" | "stderr", chunk: Uint8Array): void;
  progress(progress: StreamProgress): void;
}
