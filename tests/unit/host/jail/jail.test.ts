import { describe, expect, test } from "bun:test";
import { errorCode } from "../../../../src/errors.ts";
import { createJail, killJail, removeJail } from "../../../../src/host/jail/jail.ts";
import { kernelJailName } from "../../../../src/host/jail/name.ts";
import { quoteValue, unquoteValue } from "../../../../src/host/jail/quote.ts";
import { fixture } from "../../../fixture.ts";
import { RecordingExecutor } from "../../../recording-executor.ts";

const file = { name: kernelJailName("cccccccccccc"), conf: "/run/c.conf" };

describe("jail(8)", () => {
  test("is given the file to create and to remove by, the lock only when removing", async () => {
    const executor = new RecordingExecutor().on([], {});
    await createJail(executor, file);
    await removeJail(executor, file);
    await removeJail(executor, file, { lock: "/run/c.lock" });
    await killJail(executor, file.name);
    expect(executor.lines).toEqual([
      "/usr/sbin/jail -q -f /run/c.conf -c cccccccccccc",
      "/usr/sbin/jail -q -f /run/c.conf -r cccccccccccc",
      "/usr/bin/lockf /run/c.lock /usr/sbin/jail -q -f /run/c.conf -r cccccccccccc",
      "/usr/sbin/jail -q -R cccccccccccc",
    ]);
    expect(executor.calls.every(({ env }) => env?.TERM === "dumb")).toBe(true);
  });

  test.each([
    ["symlink", "invalid", "s1: mount.devfs: /zroot/kleene/container/cccccccccccc/dev is a symbolic link"],
    ["unknown-parameter", "invalid", "unknown parameter: nosuch.param"],
    ["already-exists", "conflict", '"cccccccccccc" already exists'],
    [
      "mount-failed",
      "failed",
      "x1: /sbin/mount -t nullfs -o rw /nosuch /zroot/kleene/container/cccccccccccc/mnt: failed",
    ],
  ] as const)("refuses to create: %s", async (name, code, reason) => {
    const executor = new RecordingExecutor().on(["/usr/sbin/jail"], { stderr: fixture("jail", name), exitCode: 1 });
    const error = await createJail(executor, file).catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe(code);
    expect((error as Error).message).toBe(`cannot create the jail: ${reason}`);
  });
});

describe("a jail's name", () => {
  test("of digits only gets a letter, since jail(8) would take it for an ID", () => {
    expect(String(kernelJailName("123456789012"))).toBe("j123456789012");
    expect(String(kernelJailName("12345678901a"))).toBe("12345678901a");
  });

  test.each(["", "-r", "*", "a.b", "a b", 'a"', "a{"])("cannot be %j", (name) => {
    expect(() => kernelJailName(name)).toThrow("is not a jail's name");
  });
});

describe("a quoted value", () => {
  test.each([
    ["plain", '"plain"'],
    ['a"b;c', '"a\\"b;c"'],
    ["$name", '"\\$name"'],
    ["back\\slash", '"back\\\\slash"'],
    ["line\nbreak1", '"line\\012break1"'],
    ["", '""'],
  ])("keeps %j", (value, quoted) => {
    expect(quoteValue(value)).toBe(quoted);
    expect(unquoteValue(quoted)).toBe(value);
  });
});
