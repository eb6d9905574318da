import type { Database } from "../../db/database.ts";
import { type ExecRecord, findExec, findExecIds } from "../../db/execs.ts";
import { KleeneError } from "../../errors.ts";
import { findByPrefix } from "../prefix.ts";

/** Finds an execution instance by its ID or the beginning of it. @throws KleeneError `not-found`, `ambiguous` */
export function requireExec(db: Database, identifier: string): ExecRecord {
  const id = findByPrefix(identifier, (prefix) => findExecIds(db, prefix), "execution instances");
  const exec = id === undefined ? undefined : findExec(db, id);
  if (exec === undefined) throw new KleeneError("not-found", `execution instance not found: ${identifier}`);
  return exec;
}
