import { expect, test } from "bun:test";
import { deleteArgv, execArgv, runArgv } from "../../../../src/host/runc/command.ts";

test("run names the state, the log, the bundle and the jail", () => {
  expect(runArgv({ root: "/r", log: "/l", name: "n", bundle: "/b", pidFile: "/p" })).toEqual([
    "runc",
    "--root",
    "/r",
    "--log",
    "/l",
    "--log-format",
    "json",
    "run",
    "--bundle",
    "/b",
    "--pid-file",
    "/p",
    "n",
  ]);
  expect(runArgv({ root: "/r", log: "/l", name: "n", bundle: "/b" })).not.toContain("--pid-file");
});

test("exec reads the process from a file", () => {
  expect(execArgv({ root: "/r", log: "/l", name: "n", processFile: "/j", pidFile: "/p" })).toEqual([
    "runc",
    "--root",
    "/r",
    "--log",
    "/l",
    "--log-format",
    "json",
    "exec",
    "--process",
    "/j",
    "--pid-file",
    "/p",
    "n",
  ]);
});

test("delete kills what is left", () => {
  expect(deleteArgv({ root: "/r", name: "n" })).toEqual(["runc", "--root", "/r", "delete", "--force", "n"]);
});
