import type { Id } from "../../contract/names.ts";
import type { Engine } from "../engine.ts";
import { requireExec } from "./find.ts";
import { followExec, type OutputChunk } from "./follow.ts";
import { startExec } from "./start.ts";

/** A started execution instance whose output is kept until this is disposed of, though its container be removed (`--rm`). */
export interface Attached extends Disposable {
  readonly id: Id;
  /** See `followExec`. */
  output(signal: AbortSignal): AsyncIterable<OutputChunk>;
}

/** Starts an execution instance for somebody who wants all of its output. @throws what `startExec` throws */
export async function attachExec(
  engine: Pick<Engine, "db" | "zfs" | "layout" | "locks" | "runtime" | "processes">,
  identifier: string,
  options: { startContainer: boolean },
): Promise<Attached> {
  const { id } = requireExec(engine.db, identifier);
  const held = engine.processes.hold(id);
  const release = () => held[Symbol.dispose]();
  try {
    await startExec(engine, id, options);
  } catch (error) {
    release();
    throw error;
  }
  return { id, output: (signal) => followExec(engine, id, signal), [Symbol.dispose]: release };
}
