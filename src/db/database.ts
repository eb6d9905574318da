import { SQLiteError, type Database as Sqlite } from "bun:sqlite";
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite";
import { KleeneError } from "../errors.ts";
import { MIGRATIONS } from "./migrations.ts";
import * as schema from "./schema.ts";
import { openSqlite } from "./sqlite.ts";

export type Database = BunSQLiteDatabase<typeof schema>;

/**
 * Opens the database for this process alone and brings it up to date.
 *
 * @throws KleeneError `conflict` when another process has it open, `no-space`, `invalid` when a newer Kleene made it
 */
export function openDatabase(path: string, migrations: readonly string[] = MIGRATIONS): Database & Disposable {
  const sqlite = openSqlite(path);
  try {
    // Exclusive locking before WAL: then the index of the log lives in our memory, not in a shared file.
    sqlite.run("PRAGMA locking_mode = EXCLUSIVE");
    sqlite.run("PRAGMA journal_mode = WAL");
    sqlite.run("PRAGMA synchronous = NORMAL");
    sqlite.run("PRAGMA foreign_keys = ON");
    migrate(sqlite, migrations);
  } catch (error) {
    sqlite.close();
    throw databaseError(path, error);
  }
  const database = drizzle(sqlite, { schema });
  return Object.assign(database, {
    [Symbol.dispose]: () => sqlite.close(),
  });
}

function migrate(sqlite: Sqlite, migrations: readonly string[]): void {
  // BEGIN EXCLUSIVE takes the lock, and the exclusive mode keeps it until the database is closed.
  sqlite.run("BEGIN EXCLUSIVE");
  const row = sqlite.query<{ user_version: number }, []>("PRAGMA user_version").get();
  const applied = row?.user_version ?? 0;
  if (applied > migrations.length) {
    throw new KleeneError("invalid", `it was made by a newer Kleene (version ${applied} of the database)`);
  }
  for (const migration of migrations.slice(applied)) sqlite.run(migration);
  sqlite.run(`PRAGMA user_version = ${migrations.length}`);
  sqlite.run("COMMIT");
}

function databaseError(path: string, error: unknown): KleeneError {
  const what = `cannot open the database ${path}`;
  if (error instanceof KleeneError) return new KleeneError(error.code, what, { cause: error });
  const code = error instanceof SQLiteError ? (error.code ?? "") : "";
  if (code.startsWith("SQLITE_BUSY")) {
    return new KleeneError("conflict", `another daemon is already running on this dataset: it has ${path} open`, {
      cause: error,
    });
  }
  if (code === "SQLITE_FULL" || code === "SQLITE_IOERR_WRITE")
    return new KleeneError("no-space", what, { cause: error });
  return new KleeneError("internal", what, { cause: error });
}
