import { expect, test } from "bun:test";
import { errorAnswer, errorStatus, escapeMarkup } from "../../../src/api/error.ts";
import { ERROR_CODES, KleeneError } from "../../../src/errors.ts";
import { log } from "../../../src/log.ts";

test("every code has a status of its own kind", () => {
  expect(errorStatus("not-found", undefined)).toBe(404);
  expect(errorStatus("invalid", undefined)).toBe(400);
  expect(errorStatus("conflict", undefined)).toBe(409);
  expect(errorStatus("internal", undefined)).toBe(500);
});

test("a status that Kleened's client does not survive falls to one that it does", () => {
  expect(errorStatus("invalid", [404, 500])).toBe(404);
  expect(errorStatus("conflict", [404, 500])).toBe(404);
  expect(errorStatus("conflict", [404, 409, 500])).toBe(409);
  expect(errorStatus("invalid", [409, 500])).toBe(409);
  expect(errorStatus("conflict", [500])).toBe(500);
  expect(errorStatus("internal", [404, 500])).toBe(500);
});

test("with a list, no code leads outside it", () => {
  for (const code of ERROR_CODES) expect([404, 500]).toContain(errorStatus(code, [404, 500]));
});

test("a Kleene error tells its causes and its code", () => {
  const error = new KleeneError("in-use", "cannot remove the image", { cause: new Error("it has clones") });
  expect(errorAnswer(error)).toEqual({ message: "cannot remove the image: it has clones", code: "in-use" });
});

test("a defect is told without details", () => {
  const before = log.level;
  log.level = Number.NEGATIVE_INFINITY;
  try {
    const answer = errorAnswer(new TypeError("x is undefined in /secret/path.ts"));
    expect(answer.code).toBe("internal");
    expect(answer.message).not.toContain("secret");
  } finally {
    log.level = before;
  }
});

test("markup that Kleened's client would stumble over is escaped, other brackets are left", () => {
  expect(escapeMarkup("no container [/web]")).toBe("no container \\[/web]");
  expect(escapeMarkup("[bold]")).toBe("\\[bold]");
  expect(escapeMarkup('RUN ["a"] [ -f x ] [1]')).toBe('RUN ["a"] [ -f x ] [1]');
});
