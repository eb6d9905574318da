import { describe, expect, test } from "bun:test";
import { errorCode } from "../../../../src/errors.ts";
import { assignments, propertyFlags } from "../../../../src/host/zfs/properties.ts";

const codeOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return errorCode(error);
  }
  return "no error";
};

describe("assignments", () => {
  test("keep the value as it is, with its spaces, equal signs and quotes", () => {
    expect(assignments({ "kleene:x": ` a="b", c=d ` })).toEqual([`kleene:x= a="b", c=d `]);
    expect(propertyFlags("-O", { atime: "off" })).toEqual(["-O", "atime=off"]);
    expect(propertyFlags("-o")).toEqual([]);
  });

  test("refuse names that could be options or lists", () => {
    for (const name of ["", "-x", "a=b", "a,b", "a b", "A", `k:${"x".repeat(254)}`]) {
      expect(codeOf(() => assignments({ [name]: "1" }))).toBe("invalid");
    }
  });

  test("refuse values that would break lines or columns, or are too long in bytes", () => {
    for (const value of ["a\tb", "a\nb", "\0", "\u007f", "x".repeat(8192), "é".repeat(4096)]) {
      expect(codeOf(() => assignments({ "k:x": value }))).toBe("invalid");
    }
    expect(assignments({ "k:x": "x".repeat(8191) })).toHaveLength(1);
  });
});
