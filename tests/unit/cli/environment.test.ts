import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildArguments, environmentVariables } from "../../../src/cli/environment.ts";

const directory = mkdtempSync(join(tmpdir(), "kleene-environment-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a name without a value takes ours, and is left out where we have none", () => {
  expect(environmentVariables(["A=1", "HOME", "NONE", "B="], [], { HOME: "/root" })).toEqual([
    "A=1",
    "HOME=/root",
    "B=",
  ]);
});

test("a variable without a name is refused", () => {
  expect(() => environmentVariables(["=x"], [], {})).toThrow("=x is not NAME or NAME=value");
  expect(() => environmentVariables([""], [], {})).toThrow("is not NAME or NAME=value");
});

test("a file gives a variable per line, before the command line's", () => {
  const file = join(directory, "env");
  writeFileSync(file, "# a comment\n\nA=from file \r\n  B=#2\nHOME\n");
  expect(environmentVariables(["A=1"], [file], { HOME: "/root" })).toEqual([
    "A=from file ",
    "B=#2",
    "HOME=/root",
    "A=1",
  ]);
  expect(() => environmentVariables([], [join(directory, "missing")])).toThrow("cannot read the environment file");
});

test("build arguments keep everything after the first equals sign", () => {
  expect(buildArguments(["A=b=c", "V", "N"], { V: "2" })).toEqual({ A: "b=c", V: "2" });
});
