import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelJailName } from "../../../../src/host/jail/name.ts";
import { REMOVE_IF_LAST, removeIfLast } from "../../../../src/platform/freebsd/last-process.ts";

let directory: string;
let conf: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kltest-last-process-"));
  conf = join(directory, "a b.conf");
  await writeFile(conf, "");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function program(name: string, body: string): Promise<void> {
  await writeFile(join(directory, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

/** Runs the script with programs that behave as FreeBSD's do. */
async function runScript({ jailIs = true, processes = "", removed = true }): Promise<string> {
  await program("jls", jailIs ? 'echo "$2"' : 'echo "jls: jail \\"7\\" not found" >&2; exit 1');
  await program("ps", processes === "" ? "exit 1" : `echo "${processes}"`);
  await program("jail", `echo "$TERM|$1|$2|$3|$4|$5" >"${directory}/called"; exit ${removed ? 0 : 1}`);
  const child = Bun.spawn(["/bin/sh", "-c", REMOVE_IF_LAST, "kleene-last", "7", "cccccccccccc", conf], {
    env: { PATH: `${directory}:/bin:/usr/bin` },
  });
  await child.exited;
  return existsSync(join(directory, "called")) ? readFileSync(join(directory, "called"), "utf8").trim() : "";
}

describe("after a process of a jail", () => {
  test("the jail is removed by its file, and the file, when no process is left", async () => {
    expect(await runScript({})).toBe(`dumb|-q|-f|${conf}|-r|cccccccccccc`);
    expect(existsSync(conf)).toBe(false);
  });

  test("the jail stays while others run in it", async () => {
    expect(await runScript({ processes: "  809\n  810" })).toBe("");
    expect(existsSync(conf)).toBe(true);
  });

  test("a later jail of the same name is left alone", async () => {
    expect(await runScript({ jailIs: false })).toBe("");
    expect(existsSync(conf)).toBe(true);
  });

  test("the file stays when something of the jail may be left", async () => {
    expect(await runScript({ removed: false })).not.toBe("");
    expect(existsSync(conf)).toBe(true);
  });

  test("supervisors take turns", () => {
    expect(removeIfLast({ name: kernelJailName("c"), conf: "/c.conf" }, 7, "/c.lock")).toEqual([
      "/usr/bin/lockf",
      "/c.lock",
      "/bin/sh",
      "-c",
      REMOVE_IF_LAST,
      "kleene-last",
      "7",
      "c",
      "/c.conf",
    ]);
  });
});
