import { KleeneError } from "../errors.ts";

/** RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** A frame as a client sends it: masked. @param mask four random bytes */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  const lengthBytes = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + mask.length;
  const frame = new Uint8Array(start + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, payload.length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(payload.length));
  frame.set(mask, 2 + lengthBytes);
  for (let index = 0; index < payload.length; index++) {
    frame[start + index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  }
  return frame;
}

/** Takes a byte stream apart into frames. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** @param limit the longest payload that is accepted, in bytes */
  constructor(private readonly limit = 16 * 1024 * 1024) {}

  /** The frames that are complete with this chunk. @throws KleeneError `unavailable` when the peer speaks nonsense */
  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    const head = this.#peek(Math.min(10, this.#length));
    const [first, second] = head;
    if (first === undefined || second === undefined) return undefined;
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
      throw new KleeneError("unavailable", "the daemon sent a bad frame");
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const short = second & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (head.length < start) return undefined;
    const length = short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (length > this.limit) throw new KleeneError("unavailable", `the daemon sent a frame of ${length} bytes`);
    if (this.#length < start + length) return undefined;
    const whole = this.#peek(start + length);
    this.#drop(start + length);
    return { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload: whole.subarray(start) };
  }

  /** The first bytes, in one piece. */
  #peek(length: number): Uint8Array {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= length) return first.subarray(0, length);
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined.subarray(0, length);
  }

  #drop(length: number): void {
    const first = this.#chunks[0] ?? new Uint8Array();
    this.#length -= length;
    if (first.length > length) this.#chunks[0] = first.subarray(length);
    else this.#chunks.shift();
  }
}
