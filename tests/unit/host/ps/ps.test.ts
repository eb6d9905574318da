import { describe, expect, test } from "bun:test";
import { parseProcessIds } from "../../../../src/host/ps/parse.ts";
import { listJailProcesses } from "../../../../src/host/ps/ps.ts";
import { fixture } from "../../../fixture.ts";
import { RecordingExecutor } from "../../../recording-executor.ts";

describe("ps(1)", () => {
  test("tells the processes of a jail", async () => {
    const executor = new RecordingExecutor().on(["/bin/ps"], { stdout: fixture("ps", "two") });
    expect(await listJailProcesses(executor, 7)).toEqual([809, 810]);
    expect(executor.lines).toEqual(["/bin/ps --libxo json -J 7 -o pid"]);
  });

  test("has none to tell when it exits 1 without a word, and fails when it says why", async () => {
    expect(await listJailProcesses(new RecordingExecutor().on([], { exitCode: 1 }), 7)).toEqual([]);
    const failing = new RecordingExecutor().on([], { exitCode: 1, stderr: "ps: Invalid jail id: x\n" });
    expect(listJailProcesses(failing, 7)).rejects.toThrow("Invalid jail id");
  });

  test.each(["", "{}", '{"process-information": {"process": [{}]}}'])("is refused for %j", (text) => {
    expect(() => parseProcessIds(text)).toThrow("ps wrote something unexpected");
  });
});
