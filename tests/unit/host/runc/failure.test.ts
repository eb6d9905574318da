import { describe, expect, test } from "bun:test";
import { looksLikeFailure, parseExecFailure, parseFailure, runcError } from "../../../../src/host/runc/failure.ts";

const line = (level: string, msg: string) => `${JSON.stringify({ level, msg, time: "2026-11-23T21:55:08Z" })}\n`;
const START = "unable to start container process: ";

describe("parseFailure", () => {
  test("finds the reason in the log of run and of exec", () => {
    expect(parseFailure(line("error", `runc run failed: ${START}exec: "x"`))).toBe(`${START}exec: "x"`);
    expect(parseFailure(line("error", "exec failed: container does not exist"))).toBe("container does not exist");
  });

  test("finds none where the process was started", () => {
    expect(parseFailure("")).toBeUndefined();
    expect(parseFailure(line("warning", "runc run failed: not really"))).toBeUndefined();
    expect(parseFailure(line("error", "cannot remove a control group"))).toBeUndefined();
    expect(parseFailure('{"level":"error","ms')).toBeUndefined();
    expect(parseFailure("null\n7\n")).toBeUndefined();
  });

  test("knows what runc prints besides", () => {
    expect(looksLikeFailure(`runc run failed: ${START}exec`)).toBe(true);
    expect(looksLikeFailure("a program's own words: runc run failed: x")).toBe(false);
  });
});

describe("parseExecFailure", () => {
  test("tells execve's refusal from a program's own words", () => {
    expect(parseExecFailure("exec /bin/x.sh: exec format error\n", "x.sh")).toBe("exec format error");
    expect(parseExecFailure("exec /bin/x.sh: no such file or directory\n", "/bin/x.sh")).toBe(
      "no such file or directory",
    );
    expect(parseExecFailure("exec /bin/other: exec format error\n", "x.sh")).toBeUndefined();
    expect(parseExecFailure("exec x.sh: failed\nmore\n", "x.sh")).toBeUndefined();
    expect(parseExecFailure("", "x.sh")).toBeUndefined();
  });
});

describe("runcError", () => {
  const cases: readonly [string, string, string][] = [
    [`${START}exec: "nosuch": executable file not found in $PATH`, "not-found", "nosuch: no such program"],
    [`${START}exec: "/nosuch": stat /nosuch: no such file or directory`, "not-found", "nosuch: no such program"],
    [`${START}exec: "/etc/passwd": permission denied`, "invalid", "not an executable"],
    [`${START}exec: "/etc": is a directory`, "invalid", "not an executable"],
    [`${START}chdir to cwd ("/x") set in config.json failed: permission denied`, "invalid", "working directory"],
    ["container does not exist", "conflict", "not running"],
    ["cannot exec in a stopped container", "conflict", "not running"],
    ["container with given ID already exists", "conflict", "running"],
    ["mkdir /x: no space left on device", "no-space", "no space"],
    ["something never seen", "internal", "something never seen"],
  ];
  for (const [reason, code, message] of cases) {
    test(`${reason} is ${code}`, () => {
      const error = runcError(reason, "nosuch");
      expect(error.code as string).toBe(code);
      expect(error.message).toContain(message);
    });
  }
});
