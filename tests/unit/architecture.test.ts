import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const SOURCE = join(import.meta.dir, "../../src");
const LONGEST_FILE = 300;

/** Files beside the rooms that every room may use. */
const FOUNDATIONS = ["errors.ts", "log.ts", "undo.ts", "brand.ts", "suggestion.ts", "version.ts"];

/**
 * What a room, or one file of it, may import of ours besides itself and the foundations: rooms ("engine"), files
 * ("host/exec.ts"), or only their types ("type api"). A file's own entry replaces its room's.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  dockerfile: [],
  host: [],
  client: ["contract", "type api", "host/exec.ts", "host/flock.ts"],
  cli: ["client", "contract"],
  "cli/daemon.ts": ["client", "contract", "daemon"],
  "cli/system/init.ts": ["client", "contract", "daemon", "type platform"],
  db: ["contract", "host/zfs/names.ts"],
  platform: ["host", "contract"],
  engine: ["platform", "host", "db", "dockerfile", "contract"],
  api: ["engine", "contract"],
  daemon: ["api", "engine", "platform", "host", "db", "contract", "client"],
};

interface Import {
  readonly from: string;
  /** Relative to `src`; outside of it, beginning with "..". */
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
const textOf = new Map(files.map((path) => [path, readFileSync(join(SOURCE, path), "utf8")]));
const imports = files.flatMap((path) => importsOf(path, textOf.get(path) ?? ""));

function importsOf(path: string, text: string): Import[] {
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?["'](\.[^"']+)["']/gm;
  const dynamic = /\bimport\(\s*["'](\.[^"']+)["']\s*\)/g;
  const resolve = (specifier: string) => relative(SOURCE, join(SOURCE, dirname(path), specifier));
  return [
    ...[...text.matchAll(statement)].map(([, type, specifier = ""]) => ({
      from: path,
      target: resolve(specifier),
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(dynamic)].map(([, specifier = ""]) => ({
      from: path,
      target: resolve(specifier),
      typeOnly: false,
    })),
  ];
}

function roomOf(path: string): string {
  return path.includes("/") ? (path.split("/")[0] ?? "") : "";
}

function isAllowed({ from, target, typeOnly }: Import): boolean {
  const room = roomOf(from);
  if (roomOf(target) === room || FOUNDATIONS.includes(target)) return true;
  const allowed = ALLOWED[from] ?? ALLOWED[room] ?? [];
  return allowed.some((entry) => {
    const type = entry.startsWith("type ");
    const what = type ? entry.slice("type ".length) : entry;
    return (typeOnly || !type) && (target === what || roomOf(target) === what);
  });
}

/** Where a pattern stands in code, comments left out: `file: line`. */
function placesOf(pattern: RegExp, allowed: readonly string[]): string[] {
  return files
    .filter((path) => !allowed.includes(path))
    .flatMap((path) =>
      (textOf.get(path) ?? "")
        .split("\n")
        .filter((line) => pattern.test(line.replace(/^\s*(\/?\*|\/\/).*$/, "")))
        .map((line) => `${path}: ${line.trim()}`),
    );
}

describe("the house", () => {
  test("has its files found by this test", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports).toContainEqual({ from: "api/app.ts", target: "engine/engine.ts", typeOnly: true });
    expect(imports).toContainEqual({ from: "cli/daemon.ts", target: "daemon/daemon.ts", typeOnly: false });
  });

  test("has no rooms but those of the table", () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== ""));
    for (const room of rooms) expect(Object.keys(ALLOWED)).toContain(room);
  });

  test("lets each room import what the table says and nothing else", () => {
    const rooms = imports.filter(({ from, target }) => roomOf(from) !== "" && !target.startsWith(".."));
    const wrong = rooms.filter((each) => !isAllowed(each)).map(({ from, target }) => `${from} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  test("keeps its foundations free of rooms", () => {
    const wrong = imports.filter(
      ({ from, target, typeOnly }) =>
        FOUNDATIONS.includes(from) && !typeOnly && !target.startsWith("..") && roomOf(target) !== "",
    );
    expect(wrong).toEqual([]);
  });

  test("asks for the operating system in one place", () => {
    expect(placesOf(/process\.platform|os\.platform\(|\bplatform\(\)/, ["platform/select.ts"])).toEqual([]);
  });

  test("starts programs in one place", () => {
    expect(placesOf(/Bun\.(spawn|spawnSync|\$)|child_process/, ["host/exec.ts"])).toEqual([]);
  });

  test("has no file too long to be read at once", () => {
    const long = files.filter((path) => (textOf.get(path) ?? "").split("\n").length > LONGEST_FILE);
    expect(long).toEqual([]);
  });

  test("has no barrels and no rooms for odds and ends", () => {
    const wrong = files.filter((path) => /(^|\/)(index\.ts$|(utils|common|helpers|types)(\/|\.ts$))/.test(path));
    expect(wrong).toEqual([]);
  });
});
