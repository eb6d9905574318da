import { write } from "node:fs";
import { systemErrorCode } from "../errors.ts";

/** Nobody reads our standard output any more: time to end, quietly. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}

const STDOUT = 1;
const STDERR = 2;
const RETRY_AFTER = 5;

/** Writes all of it, waiting for a slow reader. @throws OutputClosedError when there is no reader left */
export async function writeOutput(stream: "stdout" | "stderr", chunk: Uint8Array): Promise<void> {
  const descriptor = stream === "stdout" ? STDOUT : STDERR;
  for (let written = 0; written < chunk.length; ) {
    try {
      written += await writeSome(descriptor, chunk.subarray(written));
    } catch (error) {
      const code = systemErrorCode(error);
      // A terminal or pipe that another program has set to non-blocking.
      if (code === "EAGAIN") await Bun.sleep(RETRY_AFTER);
      else if (code === "EPIPE" || code === "EIO" || code === "EBADF")
        throw new OutputClosedError(`${stream} is closed`);
      else throw error;
    }
  }
}

function writeSome(descriptor: number, chunk: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, chunk, 0, chunk.length, null, (error, written) => (error ? reject(error) : resolve(written)));
  });
}

const encoder = new TextEncoder();

/** A line of data. */
export async function print(line: string): Promise<void> {
  await writeOutput("stdout", encoder.encode(`${line}\n`));
}

export async function printJson(value: unknown): Promise<void> {
  await print(JSON.stringify(value, null, 2));
}

/** A line of talk. */
export async function say(line: string): Promise<void> {
  try {
    await writeOutput("stderr", encoder.encode(`${line}\n`));
  } catch (error) {
    if (!(error instanceof OutputClosedError)) throw error;
  }
}
