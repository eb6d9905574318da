import type { StreamListener } from "../client/stream.ts";
import { printable } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";
import { say, writeOutput } from "./standard-output.ts";

export interface OutputListener extends StreamListener {
  /** Takes what is only there for the moment off the terminal: call it at the end, however that comes. */
  clear(): void;
}

/**
 * Bytes to our own stdout and stderr, unchanged; Kleene's lines, which may hold a stranger's text, without control
 * characters to stderr, or to stdout where they are the command's data.
 */
export function outputListener({ linesTo = say } = {}): OutputListener {
  const progress = new ProgressLine();
  return {
    output: async (stream, chunk) => {
      progress.clear();
      await writeOutput(stream, chunk);
    },
    status: async (line) => {
      progress.clear();
      await linesTo(printable(line));
    },
    progress: (state) => progress.show(state),
    clear: () => progress.clear(),
  };
}
