import { expect, test } from "bun:test";
import { parseSignalSets, signalNumber, wouldEnd } from "../../../../src/platform/linux/process-status.ts";

const STATUS = `Name:\tsleep
State:\tS (sleeping)
SigQ:\t0/96365
SigPnd:\t0000000000000000
ShdPnd:\t0000000000000000
SigBlk:\t0000000000000001
SigIgn:\t0000000000001000
SigCgt:\t0000000000004002
CapInh:\t0000000000000000
`;

test("the sets of signals are read from a process's status", () => {
  expect(parseSignalSets(STATUS)).toEqual({ blocked: 1n, ignored: 0x1000n, caught: 0x4002n });
});

test("a status without them is refused", () => {
  expect(() => parseSignalSets("Name:\tx\n")).toThrow("SigBlk");
});

test("signals have their numbers, and anything else is refused", () => {
  expect(signalNumber("SIGTERM")).toBe(15);
  expect(() => signalNumber("SIGNOSUCH" as NodeJS.Signals)).toThrow("SIGNOSUCH");
});

test("signals that stop a process or are ignored by default do not end it", async () => {
  for (const signal of ["SIGCHLD", "SIGWINCH", "SIGSTOP", "SIGCONT"] as const) {
    expect(await wouldEnd(process.pid, signal)).toBe(false);
  }
});
