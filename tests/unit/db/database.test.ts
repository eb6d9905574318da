import { Database as Sqlite } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Id } from "../../../src/contract/names.ts";
import { openDatabase } from "../../../src/db/database.ts";
import { findImage, finishImage, insertCreatingImage } from "../../../src/db/images.ts";
import journal from "../../../src/db/migrations/meta/_journal.json" with { type: "json" };
import { MIGRATIONS } from "../../../src/db/migrations.ts";
import * as schema from "../../../src/db/schema.ts";
import { errorCode } from "../../../src/errors.ts";
import { snapshotLabel } from "../../../src/host/zfs/names.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-db-"));
  path = join(directory, "kleene.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("the database", () => {
  test("has, once migrated, exactly the tables and columns of the schema", () => {
    using _db = openDatabase(path);
    _db[Symbol.dispose]();
    const sqlite = new Sqlite(path);
    const tables = Object.values(schema).filter((value) => value instanceof SQLiteTable);
    const expected = tables.map((table) => {
      const { name, columns } = getTableConfig(table);
      return { name, columns: columns.map((column) => ({ name: column.name, notnull: column.notNull })) };
    });
    const actual = sqlite
      .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => ({
        name,
        columns: sqlite
          .query<{ name: string; notnull: number }, []>(`PRAGMA table_info(${name})`)
          .all()
          .map((column) => ({ name: column.name, notnull: column.notnull === 1 })),
      }));
    sqlite.close();
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(actual.sort(byName)).toEqual(expected.sort(byName));
  });

  test("embeds every migration that drizzle-kit has written", () => {
    expect(MIGRATIONS.length).toBe(journal.entries.length);
  });

  test("cannot be opened twice", () => {
    using _first = openDatabase(path);
    const error = thrownBy(() => openDatabase(path));
    expect(errorCode(error)).toBe("conflict");
    expect(String(error)).toContain("already running");
  });

  test("can be opened again once it is closed", () => {
    openDatabase(path)[Symbol.dispose]();
    using db = openDatabase(path);
    expect(db.select().from(schema.images).all()).toEqual([]);
  });

  test("of a newer Kleene is refused and left as it is", () => {
    openDatabase(path, [...MIGRATIONS, "CREATE TABLE later (x)"])[Symbol.dispose]();
    expect(errorCode(thrownBy(() => openDatabase(path)))).toBe("invalid");
    const sqlite = new Sqlite(path);
    expect(sqlite.query("SELECT count(*) AS n FROM later").get()).toEqual({ n: 0 });
    sqlite.close();
  });

  test("is left as it was when a migration fails", () => {
    openDatabase(path)[Symbol.dispose]();
    expect(thrownBy(() => openDatabase(path, [...MIGRATIONS, "CREATE TABLE half (x); NONSENSE"]))).toBeDefined();
    using db = openDatabase(path);
    expect(db.select().from(schema.images).all()).toEqual([]);
    const sqlite = thrownBy(() => db.run("SELECT * FROM half"));
    expect(String(sqlite)).toContain("half");
  });
});

describe("a list", () => {
  test("of more rows than one statement takes comes back whole and in order", () => {
    using db = openDatabase(path);
    const words = Array.from({ length: 40_000 }, (_, index) => `word ${index}`);
    const id = "0123456789ab" as Id;
    insertCreatingImage(db, {
      id,
      snapshot: snapshotLabel(id),
      parentId: null,
      created: "2025-01-01T00:00:00.000000Z",
    });
    finishImage(db, id, {
      status: "ready",
      snapshot: snapshotLabel(id),
      user: "",
      workdir: "/",
      tag: undefined,
      command: words,
      env: [],
      instructions: words.map((line) => ({ line, snapshot: "" })),
    });
    const found = findImage(db, id);
    expect(found?.command).toEqual(words);
    expect(found?.env).toEqual([]);
    expect(found?.instructions.map(({ line }) => line)).toEqual(words);
  });
});
