import { describe, expect, test } from "bun:test";
import { age, failureText, printable, size, table } from "../../../src/cli/output.ts";
import { progressText } from "../../../src/cli/progress-line.ts";
import { KleeneError } from "../../../src/errors.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ESC = "\u001b";

describe("an age is told in words", () => {
  test.each([
    [0.5, "less than a second ago"],
    [1, "1 second ago"],
    [59, "59 seconds ago"],
    [60, "about a minute ago"],
    [180, "3 minutes ago"],
    [3600, "about an hour ago"],
    [2 * 3600, "2 hours ago"],
    [47 * 3600, "47 hours ago"],
    [3 * 86400, "3 days ago"],
    [21 * 86400, "3 weeks ago"],
    [90 * 86400, "3 months ago"],
    [800 * 86400, "2 years ago"],
  ])("%p seconds", (seconds, words) => {
    expect(age(new Date(NOW - seconds * 1000).toISOString(), NOW)).toBe(words);
  });

  test("a time in the future is a moment ago, and no time is nothing", () => {
    expect(age(new Date(NOW + 5000).toISOString(), NOW)).toBe("less than a second ago");
    expect(age("", NOW)).toBe("");
  });

  test("microseconds are understood", () => {
    expect(age("2026-03-01T11:57:00.123456Z", NOW)).toBe("2 minutes ago");
  });
});

describe("a table", () => {
  test("aligns its columns and ends lines without blanks", () => {
    const rows = [
      ["a", "x"],
      ["longer", ""],
    ];
    expect(table(["NAME", "ID"], rows)).toBe("NAME    ID\na       x\nlonger");
  });

  test("counts the columns of wide characters", () => {
    expect(table(["A", "B"], [["日本", "x"]])).toBe("A     B\n日本  x");
  });

  test("without rows is its head", () => {
    expect(table(["NAME", "ID"], [])).toBe("NAME  ID");
  });

  test("lets no control character through to the terminal", () => {
    const text = table(["NAME"], [[`${ESC}[31mred\n\u009b2J\u202e`]]);
    expect(text).toBe("NAME\n\\x1b[31mred\\n\\x9b2J\\u202e");
  });
});

test("ordinary text of any script is printable as it is", () => {
  expect(printable("größe 日本 ✓ a\\b")).toBe("größe 日本 ✓ a\\b");
});

describe("a failure", () => {
  test("is one line with its causes", () => {
    const error = new KleeneError("failed", "cannot build", { cause: new Error("no such image") });
    expect(failureText("kleene", error)).toBe("kleene: cannot build: no such image");
  });

  test("shows several problems below one another", () => {
    expect(failureText("klee", new KleeneError("invalid", "Dockerfile:1: a\nDockerfile:2: b\n"))).toBe(
      "klee: Dockerfile:1: a\n  Dockerfile:2: b",
    );
  });

  test("cannot move the cursor", () => {
    expect(failureText("kleene", new Error(`bad ${ESC}]0;title\u0007`))).toBe("kleene: bad \\x1b]0;title\\x07");
  });
});

test("sizes have one decimal where it matters", () => {
  expect([0, 1023, 1024, 1536, 20 * 1024 ** 3].map(size)).toEqual(["0 B", "1023 B", "1.0 KB", "1.5 KB", "20 GB"]);
});

test("progress fits into the terminal's width and knows when the end is unknown", () => {
  expect(progressText({ what: "base.txz", done: 512, total: 1024 }, 80)).toBe(
    "base.txz  |============            |  50%  512 B of 1.0 KB",
  );
  expect(progressText({ what: "base.txz", done: 2048, total: null }, 80)).toBe("base.txz  2.0 KB");
  expect(progressText({ what: "x".repeat(200), done: 1, total: 2 }, 40)).toHaveLength(39);
});
