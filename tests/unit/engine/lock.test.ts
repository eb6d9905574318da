import { expect, test } from "bun:test";
import { Locks } from "../../../src/engine/lock.ts";

test("changes of the same object come one after another, in the order they were asked for", async () => {
  const locks = new Locks();
  const events: string[] = [];
  const change = (name: string) =>
    locks.hold("container a", async () => {
      events.push(`${name} begins`);
      await Bun.sleep(1);
      events.push(`${name} ends`);
    });
  await Promise.all([change("first"), change("second"), change("third")]);
  expect(events).toEqual(["first begins", "first ends", "second begins", "second ends", "third begins", "third ends"]);
});

test("changes of different objects do not wait for each other", async () => {
  const locks = new Locks();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting = locks.hold("container a", () => promise);
  expect(await locks.hold("container b", async () => "done")).toBe("done");
  resolve();
  await waiting;
});

test("a change that fails lets the next one begin", async () => {
  const locks = new Locks();
  const failing = locks.hold("container a", async () => {
    throw new Error("no");
  });
  const next = locks.hold("container a", async () => "done");
  expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
});
