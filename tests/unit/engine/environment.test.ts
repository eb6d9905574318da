import { expect, test } from "bun:test";
import { mergeEnvironment } from "../../../src/engine/environment.ts";

test("a later value replaces an earlier one in its place", () => {
  expect(mergeEnvironment(["A=1", "B=2"], ["A=3"], ["C=4"])).toEqual(["A=3", "B=2", "C=4"]);
});

test("a name alone removes the variable", () => {
  expect(mergeEnvironment(["A=1", "B=2"], ["A"])).toEqual(["B=2"]);
});

test("a value may hold an equals sign and may be empty", () => {
  expect(mergeEnvironment(["A=x=y"], ["B="])).toEqual(["A=x=y", "B="]);
});
