import { describe, expect, test } from "bun:test";
import { kernelJailName } from "../../../../src/host/jail/name.ts";
import { findJail, listJails } from "../../../../src/host/jls/jls.ts";
import { parseJails } from "../../../../src/host/jls/parse.ts";
import { fixture } from "../../../fixture.ts";
import { RecordingExecutor } from "../../../recording-executor.ts";

const one = { jid: 1, name: "cccccccccccc", path: "/zroot/kleene/container/cccccccccccc" };

describe("jls(8)", () => {
  test("tells all jails in one call", async () => {
    const executor = new RecordingExecutor().on(["/usr/sbin/jls"], { stdout: fixture("jls", "one") });
    expect(await listJails(executor)).toEqual([one]);
    expect(executor.lines).toEqual(["/usr/sbin/jls --libxo json jid name path"]);
    expect(await findJail(executor, kernelJailName("cccccccccccc"))).toEqual(one);
    expect(await findJail(executor, kernelJailName("dddddddddddd"))).toBeUndefined();
  });

  test("may have nothing to tell", () => {
    expect(parseJails(fixture("jls", "none"))).toEqual([]);
  });

  test.each([
    ["", "nothing"],
    ["[]", "another shape"],
    ['{"jail-information": {"jail": [{"jid":"x","name":"a","path":"/"}]}}', "no number"],
    [fixture("jls", "without-parameters"), "no name"],
  ])("is refused when it says something unexpected: %j (%s)", (text) => {
    expect(() => parseJails(text)).toThrow("jls wrote something unexpected");
  });
});
