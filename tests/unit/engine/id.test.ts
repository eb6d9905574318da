import { expect, test } from "bun:test";
import { newId, timestamp } from "../../../src/engine/id.ts";

test("an ID has twelve hex digits and is never a number, which jail(8) would take for a jid", () => {
  for (let n = 0; n < 10_000; n++) {
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(id).toMatch(/[a-f]/);
  }
});

test("a timestamp is UTC with microseconds", () => {
  expect(timestamp(new Date("2026-08-24T10:11:12.123Z"))).toBe("2026-08-24T10:11:12.123000Z");
});
