import { describe, expect, test } from "bun:test";
import { encodeFrame, FrameReader, OPCODE } from "../../../src/client/websocket-frame.ts";

const MASK = new Uint8Array([1, 2, 3, 4]);

/** A frame as a server sends it. */
function serverFrame(opcode: number, payload: Uint8Array, final = true): Uint8Array {
  const masked = encodeFrame(opcode, payload, new Uint8Array());
  masked[0] = (final ? 0x80 : 0) | opcode;
  masked[1] = (masked[1] ?? 0) & 0x7f;
  return masked;
}

describe("frames survive the way through the socket", () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])("with a payload of %d bytes", (length) => {
    const payload = crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)));
    const whole = new Uint8Array(length);
    whole.set(payload.subarray(0, length));
    const [frame, ...others] = new FrameReader().push(serverFrame(OPCODE.binary, whole));
    expect(others).toEqual([]);
    expect(frame?.opcode).toBe(OPCODE.binary);
    expect(frame?.final).toBe(true);
    expect(Buffer.from(frame?.payload ?? []).equals(Buffer.from(whole))).toBe(true);
  });

  test("cut into single bytes, and many in one piece", () => {
    const bytes = Buffer.concat([
      serverFrame(OPCODE.text, new TextEncoder().encode("one"), false),
      serverFrame(OPCODE.continuation, new Uint8Array(300).fill(7)),
      serverFrame(OPCODE.ping, new Uint8Array()),
    ]);
    const one = new FrameReader();
    const cut = Array.from(bytes).flatMap((byte) => one.push(new Uint8Array([byte])));
    const whole = new FrameReader().push(bytes);
    for (const frames of [cut, whole]) {
      expect(frames.map(({ opcode, final, payload }) => [opcode, final, payload.length])).toEqual([
        [OPCODE.text, false, 3],
        [OPCODE.continuation, true, 300],
        [OPCODE.ping, true, 0],
      ]);
    }
  });
});

test("a client's frame is masked", () => {
  const frame = encodeFrame(OPCODE.text, new Uint8Array([0, 0, 0, 0, 0]), MASK);
  expect([...frame]).toEqual([0x81, 0x85, 1, 2, 3, 4, 1, 2, 3, 4, 1]);
});

test("nonsense is refused: a masked frame, reserved bits, a payload without measure", () => {
  expect(() => new FrameReader().push(encodeFrame(OPCODE.text, new Uint8Array(1), MASK))).toThrow("bad frame");
  expect(() => new FrameReader().push(new Uint8Array([0xc1, 0]))).toThrow("bad frame");
  expect(() => new FrameReader(1000).push(new Uint8Array([0x82, 126, 4, 0]))).toThrow("a frame of 1024 bytes");
});
