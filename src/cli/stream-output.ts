import type { StreamListener } from "../client/stream.ts";
import { ProgressLine } from "./progress-line.ts";
import { say, writeOutput } from "./standard-output.ts";

export interface OutputListener extends StreamListener {
  /** Takes what is only there for the moment off the terminal: call it at the end, however that comes. */
  clear(): void;
}

/** Bytes to our own stdout and stderr, Kleene's lines to stderr. */
export function outputListener(): OutputListener {
  const progress = new ProgressLine();
  return {
    output: async (stream, chunk) => {
      progress.clear();
      await writeOutput(stream, chunk);
    },
    status: async (line) => {
      progress.clear();
      await say(line);
    },
    progress: (state) => progress.show(state),
    clear: () => progress.clear(),
  };
}
