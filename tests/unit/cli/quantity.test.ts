import { expect, test } from "bun:test";
import { parseSeconds, parseSize } from "../../../src/cli/quantity.ts";

test.each([
  ["20G", 20 * 1024 ** 3],
  ["512m", 512 * 1024 ** 2],
  ["1.5T", 1.5 * 1024 ** 4],
  ["4GiB", 4 * 1024 ** 3],
  ["100000", 100000],
])("%s is a size", (text, bytes) => {
  expect(parseSize("--pool-size", text)).toBe(bytes);
});

test.each(["", "G", "-1G", "0", "20X", "1e9", "99999999999P"])("%p is no size", (text) => {
  expect(() => parseSize("--pool-size", text)).toThrow(`--pool-size is a size like 20G, not ${text}`);
});

test("seconds are whole", () => {
  expect(parseSeconds("--time", "10")).toBe(10);
  expect(() => parseSeconds("--time", "1.5")).toThrow("--time is a number of seconds, not 1.5");
  expect(() => parseSeconds("--time", "")).toThrow();
});
