import { describe, expect, test } from "bun:test";
import { matchPattern } from "../../../src/dockerfile/pattern.ts";

describe("matchPattern", () => {
  test.each([
    ["abc", "abc"],
    ["*", ""],
    ["*", "abc"],
    ["a*", "a"],
    ["*c", "abc"],
    ["a*b?c*x", "abxbbxdbxebxczzx"],
    ["a*/b", "abc/b"],
    ["*/*.txt", "d/a.txt"],
    ["a?c", "aéc"],
    ["?", "😀"],
    ["ab[c]", "abc"],
    ["ab[b-d]", "abc"],
    ["ab[^e-g]", "abc"],
    ["[a-cx]z", "xz"],
    ["[\\]a]", "]"],
    ["[\\-]", "-"],
    ["[x\\-]", "-"],
    ["a\\*b", "a*b"],
    ["[!a]", "!"],
    ["**a", "bca"],
  ])("%p fits %p", (pattern, name) => {
    expect(matchPattern(pattern, name)).toBe(true);
  });

  test.each([
    ["abc", "abcd"],
    ["abc", "ab"],
    ["", "a"],
    ["?", ""],
    ["a*", "ab/c"],
    ["a*b", "a/b"],
    ["a?b", "a/b"],
    ["a[^x]b", "a/b"],
    ["a[.-0]b", "a/b"],
    ["*/b", "a/c/b"],
    ["ab[^b-d]", "abc"],
    ["a\\*b", "axb"],
    ["a*b?c*x", "abxbbxdbxebxczzy"],
  ])("%p does not fit %p", (pattern, name) => {
    expect(matchPattern(pattern, name)).toBe(false);
  });

  test.each(["[", "[]", "[]a]", "[-x]", "[a-]", "[a", "[^", "a\\", "[^]"])("%p is refused as malformed", (pattern) => {
    expect(() => matchPattern(pattern, "")).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  test("takes no longer for a pattern of many stars than for one", () => {
    expect(matchPattern(`${"*a".repeat(2000)}*b`, "a".repeat(4000))).toBe(false);
  });
});
