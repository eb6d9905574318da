import { expect, test } from "bun:test";
import { MessageQueue } from "../../../src/client/message-queue.ts";

test("the source pauses while much is waiting and goes on once all is taken", async () => {
  const calls: string[] = [];
  const queue = new MessageQueue(
    () => calls.push("pause"),
    () => calls.push("resume"),
    10,
  );
  queue.push("0123456789");
  expect(calls).toEqual([]);
  queue.push("x");
  queue.push("y");
  expect(calls).toEqual(["pause"]);

  const reader = queue[Symbol.asyncIterator]();
  expect((await reader.next()).value).toBe("0123456789");
  expect((await reader.next()).value).toBe("x");
  expect(calls).toEqual(["pause"]);
  expect((await reader.next()).value).toBe("y");
  const next = reader.next();
  await Promise.resolve();
  expect(calls).toEqual(["pause", "resume"]);
  queue.push("z");
  queue.end();
  expect((await next).value).toBe("z");
  expect((await reader.next()).done).toBe(true);
});

test("what came before the end is still read", async () => {
  const queue = new MessageQueue(
    () => {},
    () => {},
  );
  queue.push("a");
  queue.push(new Uint8Array([1]));
  queue.end();
  expect(await Array.fromAsync(queue)).toEqual(["a", new Uint8Array([1])]);
});
