import { Database, type Statement } from "bun:sqlite";

/**
 * Drizzle prepares a statement anew for each query and never finalizes it; SQLite keeps the file, and its lock, open
 * until that is done. Here each text is prepared once, and closing finalizes them all.
 */
export function openSqlite(path: string): Database {
  const sqlite = new Database(path, { create: true, readwrite: true, strict: true });
  const statements = new Map<string, Statement>();
  const prepare = sqlite.prepare.bind(sqlite);
  const close = sqlite.close.bind(sqlite);
  const prepareOnce = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return Object.assign(sqlite, {
    prepare: prepareOnce as Database["prepare"],
    close: () => {
      for (const statement of statements.values()) statement.finalize();
      statements.clear();
      close();
    },
  });
}
