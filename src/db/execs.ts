import { and, asc, eq, like } from "drizzle-orm";
import type { Id } from "../contract/names.ts";
import type { Database } from "./database.ts";
import { insertRows } from "./lists.ts";
import { type ExecStatus, execCommand, execEnv, execs } from "./schema.ts";

/** An execution instance as the database knows it. Empty `command` and `user` mean the container's. */
export interface ExecRecord {
  readonly id: Id;
  readonly containerId: Id;
  readonly status: ExecStatus;
  readonly first: boolean;
  readonly user: string;
  readonly created: string;
  readonly exitCode: number | null;
  readonly command: readonly string[];
  readonly env: readonly string[];
}

export function insertExec(
  db: Database,
  exec: Pick<ExecRecord, "id" | "containerId" | "user" | "created" | "command" | "env">,
): void {
  const { command, env, ...columns } = exec;
  db.transaction((tx) => {
    tx.insert(execs)
      .values({ ...columns, status: "created", first: false })
      .run();
    const commandRows = command.map((argument, position) => ({ execId: exec.id, position, argument }));
    insertRows(commandRows, (rows) => tx.insert(execCommand).values(rows).run());
    const envRows = env.map((variable, position) => ({ execId: exec.id, position, variable }));
    insertRows(envRows, (rows) => tx.insert(execEnv).values(rows).run());
  });
}

export function findExec(db: Database, id: Id): ExecRecord | undefined {
  const row = db.select().from(execs).where(eq(execs.id, id)).get();
  if (row === undefined) return undefined;
  const command = db
    .select()
    .from(execCommand)
    .where(eq(execCommand.execId, id))
    .orderBy(asc(execCommand.position))
    .all();
  const env = db.select().from(execEnv).where(eq(execEnv.execId, id)).orderBy(asc(execEnv.position)).all();
  return { ...row, command: command.map((row) => row.argument), env: env.map((row) => row.variable) };
}

/** The IDs that begin with `prefix`, which has hex digits only. */
export function findExecIds(db: Database, prefix: string): Id[] {
  return db
    .select({ id: execs.id })
    .from(execs)
    .where(like(execs.id, `${prefix}%`))
    .all()
    .map(({ id }) => id);
}

export interface RunningExec {
  readonly id: Id;
  readonly containerId: Id;
  readonly first: boolean;
}

export function listRunningExecs(db: Database, containerId?: Id): RunningExec[] {
  const running = eq(execs.status, "running");
  return db
    .select({ id: execs.id, containerId: execs.containerId, first: execs.first })
    .from(execs)
    .where(containerId === undefined ? running : and(running, eq(execs.containerId, containerId)))
    .all();
}

export type ExecChange = Partial<Pick<ExecRecord, "status" | "first" | "exitCode">>;

export function updateExec(db: Database, id: Id, change: ExecChange): void {
  db.update(execs).set(change).where(eq(execs.id, id)).run();
}

export function deleteExec(db: Database, id: Id): void {
  db.delete(execs).where(eq(execs.id, id)).run();
}
