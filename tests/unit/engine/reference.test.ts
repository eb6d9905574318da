import { describe, expect, test } from "bun:test";
import { parseImageReference, parseNametag } from "../../../src/engine/image/reference.ts";
import { errorCode } from "../../../src/errors.ts";

const VALID: [string, { name: string; tag?: string; snapshot?: string }][] = [
  ["base", { name: "base" }],
  ["FreeBSD:latest", { name: "FreeBSD", tag: "latest" }],
  ["hello:failed@0123456789ab", { name: "hello", tag: "failed", snapshot: "0123456789ab" }],
  ["base@0123456789ab", { name: "base", snapshot: "0123456789ab" }],
  ["ghcr.io/org/name:v1.2", { name: "ghcr.io/org/name", tag: "v1.2" }],
  ["localhost:5000/name", { name: "localhost:5000/name" }],
  ["localhost:5000/name:tag", { name: "localhost:5000/name", tag: "tag" }],
  ["a", { name: "a" }],
];

const INVALID = [
  "",
  ":tag",
  "name:",
  "name@",
  "-x",
  "../x",
  "a/../b",
  "a//b",
  "/a",
  "a/",
  "a b",
  "a\nb",
  "name:ta/g",
  "name@a@b",
  "name@-r",
  "name@a/b",
  `${"a".repeat(256)}`,
  "$(reboot)",
];

describe("an image reference", () => {
  test.each(VALID)("%s is understood", (text, expected) => {
    expect(parseImageReference(text)).toEqual({ tag: undefined, snapshot: undefined, ...expected } as never);
  });

  test.each(INVALID)("%j is refused", (text) => {
    let error: unknown;
    try {
      parseImageReference(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(errorCode(error)).toBe("invalid");
  });
});

describe("a new image's name", () => {
  test("gets the tag latest when it has none", () => {
    expect(parseNametag("hello")).toEqual({ name: "hello", tag: "latest" });
  });

  test("cannot hold a snapshot", () => {
    expect(() => parseNametag("hello@0123456789ab")).toThrow("cannot hold a snapshot");
  });
});
