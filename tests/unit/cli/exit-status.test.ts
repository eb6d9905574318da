import { expect, test } from "bun:test";
import { UsageError } from "../../../src/cli/command-line.ts";
import { exitStatus } from "../../../src/cli/exit-status.ts";
import { StreamError } from "../../../src/client/stream.ts";
import { KleeneError } from "../../../src/errors.ts";

test.each<[string, unknown, number]>([
  ["a wrong command line", new UsageError("unknown option"), 125],
  ["a missing object", new KleeneError("not-found", "no such image"), 125],
  ["an unreachable daemon", new KleeneError("unavailable", "no daemon"), 125],
  ["a defect", new TypeError("undefined is not a function"), 125],
  ["a failed instruction", new KleeneError("failed", "RUN failed"), 1],
  ["an interruption", new KleeneError("canceled", "canceled"), 130],
  ["a program that is missing", new StreamError("not-found", "no such program", 127), 127],
  ["a program that cannot be executed", new StreamError("invalid", "not executable", 126), 126],
  ["a stream's failure without a process", new StreamError("invalid", "no such user", undefined), 125],
])("%s", (_, error, status) => {
  expect(exitStatus(error)).toBe(status);
});
