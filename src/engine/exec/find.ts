import type { Database } from "../../db/database.ts";
import { type ExecRecord, findExec, findExecIds } from "../../db/execs.ts";
import { required } from "../../errors.ts";
import { findByPrefix } from "../prefix.ts";

/** Finds an execution instance by its ID or the beginning of it. @throws KleeneError `not-found`, `ambiguous` */
export function requireExec(db: Database, identifier: string): ExecRecord {
  const id = findByPrefix(identifier, (prefix) => findExecIds(db, prefix), "execution instances");
  return required(id === undefined ? undefined : findExec(db, id), `execution instance not found: ${identifier}`);
}
