import { expect, test } from "bun:test";
import { parseAddress } from "../../../src/client/address.ts";
import type { Listener } from "../../../src/daemon/listeners.ts";
import { shutDown } from "../../../src/daemon/shutdown.ts";
import { Activity } from "../../../src/engine/activity.ts";

function recorder() {
  const steps: string[] = [];
  const listener: Listener = {
    address: parseAddress("http:///a.sock"),
    withdraw: () => void steps.push("withdraw"),
    stop: async () => void steps.push("stop"),
    cut: async () => void steps.push("cut"),
  };
  return { steps, listener, api: { stop: async () => void steps.push("streams") } };
}

test("nobody is let in before the streams are ended, and what is left is cut last", async () => {
  const { steps, listener, api } = recorder();
  await shutDown({ activity: new Activity() }, api, [listener], { why: "SIGTERM", status: 0 });
  expect(steps).toEqual(["stop", "streams", "cut"]);
});

test("a request that is under way is waited for", async () => {
  const { steps, listener, api } = recorder();
  const activity = new Activity();
  const request = activity.begin();
  const down = shutDown({ activity }, api, [listener], { why: "SIGTERM", status: 0 });
  await Bun.sleep(40);
  expect(steps).not.toContain("cut");
  request[Symbol.dispose]();
  await down;
  expect(steps.at(-1)).toBe("cut");
});

test("an idle daemon serves a client that comes in the last moment", async () => {
  const { steps, listener, api } = recorder();
  const activity = new Activity();
  const request = activity.begin();
  const down = shutDown({ activity }, api, [listener], { why: "idle", status: 0, idle: true });
  await Bun.sleep(120);
  expect(steps).toEqual(["withdraw"]);
  request[Symbol.dispose]();
  await down;
  expect(steps).toEqual(["withdraw", "stop", "streams", "cut"]);
});
