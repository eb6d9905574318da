import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Id } from "../../contract/names.ts";
import { findExec } from "../../db/execs.ts";
import { required } from "../../errors.ts";
import type { OutputStream } from "../../platform/runtime.ts";
import type { Engine } from "../engine.ts";

export interface OutputChunk {
  readonly stream: OutputStream;
  readonly chunk: Uint8Array;
}

const CHUNK = 64 * 1024;
/** Milliseconds. Appends that the watch merged or missed are found by then. */
const POLL = 250;

/**
 * The output of an execution instance from its beginning; ends when the process has ended and everything was given,
 * or when `signal` is raised. It reads no faster than its reader takes.
 */
export async function* followExec(
  { db, layout, processes }: Pick<Engine, "db" | "layout" | "processes">,
  id: Id,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk> {
  const exec = required(findExec(db, id), `execution instance not found: ${id}`);
  const directory = layout.execDirectory(exec.containerId, id);
  await using files = await OutputFiles.open(directory);
  let ended = false;
  const end = (processes.get(id)?.exited ?? Promise.resolve()).then(() => {
    ended = true;
    files.wake();
  });
  signal.addEventListener("abort", () => files.wake(), { once: true });
  while (!signal.aborted) {
    // Asked before reading: what was written before the end is read after it.
    const last = ended;
    let some = false;
    for await (const chunk of files.read()) {
      some = true;
      yield chunk;
      if (signal.aborted) return;
    }
    if (last) break;
    if (!some && !ended) await files.changed();
  }
  await (ended ? end : undefined);
}

/** The two growing files, and a way to sleep until one of them grows. */
class OutputFiles implements AsyncDisposable {
  readonly #files: { stream: OutputStream; file: FileHandle; offset: number }[];
  readonly #watchers: FSWatcher[];
  #wake: () => void = () => {};
  #pending = false;

  private constructor(files: { stream: OutputStream; file: FileHandle; path: string }[]) {
    this.#files = files.map(({ stream, file }) => ({ stream, file, offset: 0 }));
    this.#watchers = files.map(({ path }) => watch(path, () => this.wake()));
  }

  static async open(directory: string): Promise<OutputFiles> {
    const streams: OutputStream[] = ["stdout", "stderr"];
    return new OutputFiles(
      await Promise.all(
        streams.map(async (stream) => {
          const path = join(directory, stream);
          return { stream, path, file: await open(path, "r") };
        }),
      ),
    );
  }

  async *read(): AsyncGenerator<OutputChunk> {
    for (const from of this.#files) {
      for (;;) {
        const { bytesRead, buffer } = await from.file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, from.offset);
        if (bytesRead === 0) break;
        from.offset += bytesRead;
        yield { stream: from.stream, chunk: buffer.subarray(0, bytesRead) };
      }
    }
  }

  wake(): void {
    this.#pending = true;
    this.#wake();
  }

  /** Resolves at the next change, at once if there was one since the last call. */
  async changed(): Promise<void> {
    if (!this.#pending) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, POLL);
      await promise;
      clearTimeout(timer);
    }
    this.#pending = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    await Promise.all(this.#files.map(({ file }) => file.close()));
  }
}
