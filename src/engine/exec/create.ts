import type { ExecConfig } from "../../contract/exec.ts";
import type { Id } from "../../contract/names.ts";
import { insertExec } from "../../db/execs.ts";
import { KleeneError } from "../../errors.ts";
import { requireContainer } from "../container/find.ts";
import type { Engine } from "../engine.ts";
import { newId, timestamp } from "../id.ts";

/**
 * Makes an execution instance; it does not run yet.
 *
 * @throws KleeneError `not-found`, `ambiguous` (the container), `invalid` (there is no command), `unsupported`
 */
export async function createExec({ db }: Pick<Engine, "db">, config: ExecConfig): Promise<Id> {
  if (config.tty) throw new KleeneError("unsupported", "terminals are not supported yet");
  const container = requireContainer(db, config.container_id);
  if (config.cmd.length === 0 && container.command.length === 0) {
    throw new KleeneError("invalid", "there is no command: neither the image has one nor was one given");
  }
  const id = newId();
  insertExec(db, {
    id,
    containerId: container.id,
    user: config.user,
    created: timestamp(),
    command: config.cmd,
    env: config.env,
  });
  return id;
}
