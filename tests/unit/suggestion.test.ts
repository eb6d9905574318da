import { expect, test } from "bun:test";
import { editDistance, suggestion } from "../../src/suggestion.ts";

test.each([
  ["", "", 0],
  ["run", "run", 0],
  ["rn", "run", 1],
  ["rnu", "run", 1],
  ["bulid", "build", 1],
  ["images", "image", 1],
  ["stop", "start", 3],
])("from %p to %p", (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

test("the nearest candidate is suggested, and none when all are far", () => {
  const commands = ["build", "run", "image", "images", "inspect", "version"];
  expect(suggestion("biuld", commands)).toBe("build");
  expect(suggestion("imge", commands)).toBe("image");
  expect(suggestion("vers", commands)).toBe("version");
  expect(suggestion("imag", ["images", ...commands])).toBe("image");
  expect(suggestion("frobnicate", commands)).toBeUndefined();
  expect(suggestion("x", commands)).toBeUndefined();
});
