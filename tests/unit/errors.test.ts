import { describe, expect, test } from "bun:test";
import { CommandError, describeError, errorCode, KleeneError, required } from "../../src/errors.ts";

describe("describeError", () => {
  test("tells the error and its causes in one line, the outermost first", () => {
    const cause = new CommandError(["zfs", "destroy", "tank/a"], 1, "cannot destroy 'tank/a': dataset is busy\nmore\n");
    const error = new KleeneError("busy", "cannot remove image 7", {
      cause: new KleeneError("busy", "cannot destroy tank/a", { cause }),
    });
    expect(describeError(error)).toBe(
      "cannot remove image 7: cannot destroy tank/a: cannot destroy 'tank/a': dataset is busy",
    );
  });

  test("leaves out a cause that says the same again", () => {
    const cause = new Error("no route");
    expect(describeError(new KleeneError("unavailable", "download failed: no route", { cause }))).toBe(
      "download failed: no route",
    );
  });

  test("takes anything that was thrown", () => {
    expect(describeError("text")).toBe("text");
    expect(describeError(new Error("outer", { cause: "inner" }))).toBe("outer: inner");
    expect(describeError(undefined)).toBe("");
  });

  test("leaves the system call and the path out of a system error", () => {
    const cause = Object.assign(new Error("ENOENT: no such file or directory, open '/x, y'"), { syscall: "open" });
    expect(describeError(new KleeneError("invalid", "cannot read /x, y", { cause }))).toBe(
      "cannot read /x, y: no such file or directory",
    );
  });

  test("comes to an end when causes form a ring", () => {
    const error = new Error("round");
    error.cause = new Error("and", { cause: error });
    expect(describeError(error)).toBe("round: and");
  });
});

describe("CommandError", () => {
  test("is described by the first line the program said, else by how it ended", () => {
    expect(new CommandError(["zfs"], 1, "\n  first\nsecond\n").message).toBe("first");
    expect(new CommandError(["zfs", "list"], 137, " \n").message).toBe("zfs exited with 137");
    expect(new CommandError(["zfs"], 143, "noise", { timedOut: true }).message).toBe("zfs ran out of time");
  });
});

describe("codes", () => {
  test("anything but a KleeneError is a defect", () => {
    expect(errorCode(new KleeneError("conflict", "taken"))).toBe("conflict");
    expect(errorCode(new CommandError(["zfs"], 1, ""))).toBe("internal");
    expect(errorCode(undefined)).toBe("internal");
  });

  test("`required` lets everything through that is not undefined", () => {
    expect(required(0, "no number")).toBe(0);
    expect(required(null, "nothing")).toBeNull();
    expect(() => required(undefined, "no such image")).toThrow(new KleeneError("not-found", "no such image"));
  });
});
