import { expect, test } from "bun:test";
import { Connection, type Socket } from "../../../src/api/connection.ts";
import { KleeneError } from "../../../src/errors.ts";

class FakeSocket implements Socket {
  readonly sent: (string | Uint8Array)[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  terminated = false;
  full = false;

  send(frame: string | Uint8Array): number {
    this.sent.push(frame);
    return this.full ? -1 : frame.length;
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }

  terminate(): void {
    this.terminated = true;
  }
}

const closing = { msg_type: "closing", message: "done", data: "" } as const;

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  await new Promise<void>((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

test("a source waits while the socket is full, and goes on when it has room", async () => {
  const socket = new FakeSocket();
  const connection = new Connection(socket);
  socket.full = true;
  connection.write("one");
  connection.write("two");
  const drained = connection.drained();
  expect(socket.sent).toEqual(["one"]);
  expect(await isSettled(drained)).toBe(false);
  socket.full = false;
  connection.hasRoom();
  await drained;
  expect(socket.sent).toEqual(["one", "two"]);
});

test("the Close frame comes after everything that was waiting", async () => {
  const socket = new FakeSocket();
  const connection = new Connection(socket);
  socket.full = true;
  connection.write("one");
  connection.write("two");
  const closed = connection.close(1000, closing);
  expect(await isSettled(closed)).toBe(false);
  expect(socket.closes).toEqual([]);
  socket.full = false;
  connection.hasRoom();
  await closed;
  expect(socket.sent).toEqual(["one", "two"]);
  expect(socket.closes).toEqual([{ code: 1000, reason: JSON.stringify(closing) }]);
  connection.write("three");
  expect(socket.sent).toHaveLength(2);
});

test("a client that goes away ends what it asked for and frees those who wait for it", async () => {
  const connection = new Connection(Object.assign(new FakeSocket(), { full: true }));
  connection.write("one");
  const drained = connection.drained();
  connection.closed();
  await drained;
  expect(connection.clientGone).toBe(true);
  expect(connection.signal.reason).toMatchObject({ code: "canceled" });
});

test("a client that does not read ends what it asked for before memory runs out", () => {
  const socket = new FakeSocket();
  const connection = new Connection(socket);
  socket.full = true;
  const chunk = new Uint8Array(1024 * 1024);
  for (let count = 0; count < 70; count++) connection.write(chunk);
  expect(socket.terminated).toBe(true);
  expect(connection.signal.aborted).toBe(true);
});

test("a daemon that ends raises the signal while the client is still there", () => {
  const connection = new Connection(new FakeSocket());
  connection.stop(new KleeneError("unavailable", "the daemon is shutting down"));
  expect(connection.signal.aborted).toBe(true);
  expect(connection.clientGone).toBe(false);
});
