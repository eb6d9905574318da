import type { Engine } from "../engine.ts";
import { requireExec } from "./find.ts";

/** Sends a signal to the process of an execution instance. @throws KleeneError `not-found`, `conflict` (it does not run) */
export async function signalExec(
  { db, processes }: Pick<Engine, "db" | "processes">,
  identifier: string,
  signal: NodeJS.Signals,
): Promise<void> {
  const { id } = requireExec(db, identifier);
  await processes.require(id).signal(signal);
}
