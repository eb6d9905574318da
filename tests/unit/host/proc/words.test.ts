import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { isAnArgument } from "../../../../src/host/proc/words.ts";

test.skipIf(!existsSync("/proc/self/cmdline"))(
  "a whole word of a living process is found, others are not",
  async () => {
    const ours = readFileSync("/proc/self/cmdline", "utf8").split("\0").at(-2) ?? "";
    expect(await isAnArgument(ours)).toBe(true);
    expect(await isAnArgument(`${ours}${Bun.randomUUIDv7()}`)).toBe(false);
  },
);
