import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ROOT, daemonConfig } from "../../../src/daemon/config.ts";
import { rememberRoot } from "../../../src/daemon/remember-root.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-init-"));
  path = join(directory, "config.yaml");
});

afterEach(() => rmSync(directory, { recursive: true }));

const usual = () => ({ configured: DEFAULT_ROOT, path, variable: undefined });

test("the usual root dataset needs no configuration", async () => {
  expect(await rememberRoot(DEFAULT_ROOT, usual(), false)).toMatchObject({ outcome: "ok" });
  expect(existsSync(path)).toBe(false);
});

test("another root dataset is written where the daemon reads it", async () => {
  path = join(directory, "etc/kleene/config.yaml");
  expect(await rememberRoot("tank/kleene", usual(), false)).toMatchObject({ outcome: "done" });
  expect(String(daemonConfig("linux", { config: path }, {}).rootDataset)).toBe("tank/kleene");
});

test("a dry run writes nothing", async () => {
  expect(await rememberRoot("tank/kleene", usual(), true)).toMatchObject({ outcome: "planned" });
  expect(existsSync(path)).toBe(false);
});

test("a configuration that leads elsewhere is left alone, and the line to change is told", async () => {
  writeFileSync(path, "log_level: debug\n");
  const check = await rememberRoot("tank/kleene", usual(), false);
  expect(check.outcome).toBe("failed");
  expect(check.remedy).toContain("kleene_root: tank/kleene");
  expect(await Bun.file(path).text()).toBe("log_level: debug\n");
});

test("a variable that leads elsewhere is told", async () => {
  const check = await rememberRoot("tank/kleene", { ...usual(), variable: "old/kleene" }, false);
  expect(check).toMatchObject({ outcome: "failed", remedy: "export KLEENE_ROOT=tank/kleene" });
  expect(existsSync(path)).toBe(false);
});
