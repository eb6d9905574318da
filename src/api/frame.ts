import { CHANNEL, type Channel, type StreamMessage } from "../contract/stream.ts";

/** A control frame holds 125 bytes, two of them the close code (RFC 6455, 5.5). */
const MAX_REASON = 123;
/** UTF-16 units of a text frame: at most 768 KiB of UTF-8, where clients take 1 MiB. */
const MAX_TEXT = 256 * 1024;
const MAX_BINARY = 512 * 1024;

const encoder = new TextEncoder();

/** A Close frame's reason: JSON of at most 123 bytes; a long message loses its end. */
export function closeReason({ msg_type, message, data }: StreamMessage): string {
  const encode = (text: string, rest: string) => JSON.stringify({ msg_type, message: text, data: rest });
  const fits = (text: string, rest: string) => encoder.encode(encode(text, rest)).length <= MAX_REASON;
  const kept = fits("", data) ? data : "";
  // Kleened's client takes brackets for markup.
  const line = Array.from((message.split("\n")[0] ?? "").replaceAll("[", "(").replaceAll("]", ")"));
  if (fits(line.join(""), kept)) return encode(line.join(""), kept);
  while (!fits(`${line.join("")}…`, kept)) line.pop();
  return encode(`${line.join("")}…`, kept);
}

/** Text in pieces that each fit into one frame; no character is split. */
export function textPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + MAX_TEXT, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Bytes in pieces that each fit into one frame, whatever becomes of them when decoded. */
export function bytePieces(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += MAX_BINARY) pieces.push(bytes.subarray(start, start + MAX_BINARY));
  return pieces;
}

/** A framed stream's binary frame: the channel's byte, then the payload. */
export function channelFrame(channel: Channel, payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const frame = new Uint8Array(bytes.length + 1);
  frame[0] = CHANNEL[channel];
  frame.set(bytes, 1);
  return frame;
}
