import { expect, test } from "bun:test";
import { Activity } from "../../../src/engine/activity.ts";

test("a daemon is not idle while anything is under way", () => {
  const activity = new Activity();
  const [one, two] = [activity.begin(), activity.begin()];
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  expect(activity.idleFor(Date.now() + 60_000)).toBe(0);
  two[Symbol.dispose]();
  expect(activity.idleFor(Date.now() + 60_000)).toBeGreaterThanOrEqual(60_000);
});
