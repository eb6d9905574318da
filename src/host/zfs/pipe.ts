import { closeSync, constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Executor } from "../exec.ts";

/** The two ends of a pipe of the kernel's, to be given to programs. Close both once these have been started. */
export interface Pipe {
  readonly reader: number;
  readonly writer: number;
  close(): void;
}

/** Makes a pipe by way of a fifo, the only kind within reach of a Bun program; the fifo itself is gone on return. */
export async function openPipe({ exec }: Pick<Executor, "exec">): Promise<Pipe> {
  const directory = await mkdtemp(join(tmpdir(), "kleene-pipe-"));
  try {
    const fifo = join(directory, "fifo");
    await exec(["mkfifo", "-m", "600", fifo]);
    // A writer waits until there is a reader; the one that lets it in cannot itself wait, so it cannot be kept.
    const first = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const writer = openSync(fifo, constants.O_WRONLY);
      const reader = openSync(fifo, constants.O_RDONLY);
      const close = () => {
        closeSync(reader);
        closeSync(writer);
      };
      return { reader, writer, close };
    } finally {
      closeSync(first);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
