import { asc, count, desc, eq, inArray, like } from "drizzle-orm";
import type { ContainerStatus, NetworkDriver, RestartPolicy } from "../contract/container.ts";
import type { Id } from "../contract/names.ts";
import type { Database } from "./database.ts";
import { groupRows, insertRows } from "./lists.ts";
import { containerCommand, containerEnv, containerJailParameters, containers } from "./schema.ts";

/** A container as the database knows it. */
export interface ContainerRecord {
  readonly id: Id;
  readonly name: string;
  readonly status: ContainerStatus;
  readonly imageId: Id;
  readonly user: string;
  readonly workdir: string;
  readonly networkDriver: NetworkDriver;
  readonly restartPolicy: RestartPolicy;
  readonly persist: boolean;
  readonly autoRemove: boolean;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly exitCode: number | null;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly jailParameters: readonly string[];
}

/** Every container, newest first, in four queries however many there are. */
export function listContainerRecords(db: Database, statuses?: readonly ContainerStatus[]): ContainerRecord[] {
  const rows = db
    .select()
    .from(containers)
    .where(statuses && inArray(containers.status, [...statuses]))
    .orderBy(desc(containers.created))
    .all();
  return withLists(db, rows);
}

export function findContainer(db: Database, id: Id): ContainerRecord | undefined {
  return withLists(db, db.select().from(containers).where(eq(containers.id, id)).all())[0];
}

export function findContainerByName(db: Database, name: string): ContainerRecord | undefined {
  return withLists(db, db.select().from(containers).where(eq(containers.name, name)).all())[0];
}

/** The IDs that begin with `prefix`, which has hex digits only. */
export function findContainerIds(db: Database, prefix: string): Id[] {
  return db
    .select({ id: containers.id })
    .from(containers)
    .where(like(containers.id, `${prefix}%`))
    .all()
    .map(({ id }) => id);
}

export function findContainersOfImage(db: Database, imageId: Id): Id[] {
  return db
    .select({ id: containers.id })
    .from(containers)
    .where(eq(containers.imageId, imageId))
    .all()
    .map(({ id }) => id);
}

export type NewContainer = Omit<ContainerRecord, "status" | "started" | "finished" | "exitCode">;

/** The row that comes before the first side effect, with status `creating`. */
export function insertContainer(db: Database, container: NewContainer): void {
  const { command, env, jailParameters, ...columns } = container;
  const containerId = container.id;
  db.transaction((tx) => {
    tx.insert(containers)
      .values({ ...columns, status: "creating" })
      .run();
    const commandRows = command.map((argument, position) => ({ containerId, position, argument }));
    insertRows(commandRows, (rows) => tx.insert(containerCommand).values(rows).run());
    const envRows = env.map((variable, position) => ({ containerId, position, variable }));
    insertRows(envRows, (rows) => tx.insert(containerEnv).values(rows).run());
    const jailParametersRows = jailParameters.map((parameter, position) => ({ containerId, position, parameter }));
    insertRows(jailParametersRows, (rows) => tx.insert(containerJailParameters).values(rows).run());
  });
}

export type ContainerChange = Partial<Pick<ContainerRecord, "status" | "started" | "finished" | "exitCode" | "name">>;

export function updateContainer(db: Database, id: Id, change: ContainerChange): void {
  db.update(containers).set(change).where(eq(containers.id, id)).run();
}

/** Its execution instances go with it. */
export function deleteContainer(db: Database, id: Id): void {
  db.delete(containers).where(eq(containers.id, id)).run();
}

export function countContainers(db: Database, status?: ContainerStatus): number {
  const row = db
    .select({ count: count() })
    .from(containers)
    .where(status === undefined ? undefined : eq(containers.status, status))
    .get();
  return row?.count ?? 0;
}

function withLists(db: Database, rows: (typeof containers.$inferSelect)[]): ContainerRecord[] {
  if (rows.length === 0) return [];
  const only = rows.length === 1 ? rows.map(({ id }) => id) : undefined;
  const commands = groupRows(
    db
      .select()
      .from(containerCommand)
      .where(only && inArray(containerCommand.containerId, only))
      .orderBy(asc(containerCommand.position))
      .all(),
    (row) => row.containerId,
    (row) => row.argument,
  );
  const envs = groupRows(
    db
      .select()
      .from(containerEnv)
      .where(only && inArray(containerEnv.containerId, only))
      .orderBy(asc(containerEnv.position))
      .all(),
    (row) => row.containerId,
    (row) => row.variable,
  );
  const parameters = groupRows(
    db
      .select()
      .from(containerJailParameters)
      .where(only && inArray(containerJailParameters.containerId, only))
      .orderBy(asc(containerJailParameters.position))
      .all(),
    (row) => row.containerId,
    (row) => row.parameter,
  );
  return rows.map((row) => ({
    ...row,
    command: commands.get(row.id) ?? [],
    env: envs.get(row.id) ?? [],
    jailParameters: parameters.get(row.id) ?? [],
  }));
}
