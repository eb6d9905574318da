import { describe, expect, test } from "bun:test";
import { bytePieces, channelFrame, closeReason, textPieces } from "../../../src/api/frame.ts";
import { lineFrames, verbatimFrames } from "../../../src/api/klee-text.ts";

const bytes = (text: string) => Buffer.byteLength(text);

describe("the reason of a Close frame", () => {
  test("is JSON with three strings", () => {
    expect(JSON.parse(closeReason({ msg_type: "closing", message: "image created", data: "0123456789ab" }))).toEqual({
      msg_type: "closing",
      message: "image created",
      data: "0123456789ab",
    });
  });

  const long = ["x".repeat(500), "ä".repeat(200), "😀".repeat(100), '"'.repeat(300), "\\\u0007".repeat(200), "a\nb"];
  for (const message of long) {
    test(`fits into 123 bytes and stays JSON: ${JSON.stringify(message.slice(0, 4))} x ${message.length}`, () => {
      const reason = closeReason({ msg_type: "error", message, data: "@0123456789ab" });
      expect(bytes(reason)).toBeLessThanOrEqual(123);
      expect(JSON.parse(reason)).toMatchObject({ msg_type: "error", data: "@0123456789ab" });
      expect(JSON.parse(reason).message).not.toContain("\ufffd");
      expect(JSON.parse(reason).message.isWellFormed()).toBe(true);
    });
  }

  test("loses data that can never fit, not its shape", () => {
    const reason = closeReason({ msg_type: "error", message: "no", data: "y".repeat(300) });
    expect(JSON.parse(reason)).toEqual({ msg_type: "error", message: "no", data: "" });
  });

  test("holds no brackets, which Kleened's client takes for markup", () => {
    expect(closeReason({ msg_type: "error", message: "no [/x]", data: "" })).not.toMatch(/[[\]]/);
  });

  test("holds the longest message of a finished process whole", () => {
    const message = "executable 0123456789ab and its container exited with exit-code 255";
    expect(JSON.parse(closeReason({ msg_type: "closing", message, data: "" })).message).toBe(message);
  });
});

describe("long output", () => {
  test("of text is cut into pieces below 1 MiB without splitting a character", () => {
    const text = `a${"😀".repeat(400_000)}ß`;
    const pieces = textPieces(text);
    expect(pieces.join("")).toBe(text);
    for (const piece of pieces) {
      expect(bytes(piece)).toBeLessThanOrEqual(1024 * 1024);
      expect(piece.isWellFormed()).toBe(true);
    }
  });

  test("of bytes is cut into pieces below 1 MiB", () => {
    const pieces = bytePieces(new Uint8Array(3_000_000).fill(7));
    expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(3_000_000);
    for (const piece of pieces) expect(piece.length).toBeLessThan(1024 * 1024);
  });

  test("that is empty makes no frame", () => {
    expect(textPieces("")).toEqual([]);
    expect(bytePieces(new Uint8Array())).toEqual([]);
  });
});

test("a framed frame begins with its channel's byte", () => {
  expect(channelFrame("stderr", new Uint8Array([0, 255]))).toEqual(new Uint8Array([2, 0, 255]));
  expect(channelFrame("status", "é")).toEqual(new Uint8Array([3, 0xc3, 0xa9]));
});

describe("a build's line for Kleened's client", () => {
  const rendered = (text: string) =>
    (text.includes("Step ") && text.includes(" : ")) ||
    text.includes("--> Snapshot created: @") ||
    text.includes("Using user-supplied parent image:");

  test("of a kind that it renders has no newline, since it adds one", () => {
    expect(lineFrames("Step 1/3 : FROM base")).toEqual(["Step 1/3 : FROM base"]);
    expect(lineFrames("--> Snapshot created: @0123456789ab")).toEqual(["--> Snapshot created: @0123456789ab"]);
    expect(lineFrames('Step 2/3 : CMD ["/bin/sh"]')).toEqual(['Step 2/3 : CMD ["/bin/sh"]']);
  });

  test("of any other kind ends with a newline", () => {
    expect(lineFrames("The command 'false' returned a non-zero code: 1")).toEqual([
      "The command 'false' returned a non-zero code: 1\n",
    ]);
  });

  test("with markup is torn apart, so that it is printed as it is", () => {
    const frames = lineFrames("Step 1/3 : RUN echo Step : [/x]");
    expect(frames.join("")).toBe("Step 1/3 : RUN echo Step : [/x]\n");
    for (const frame of frames) expect(rendered(frame)).toBe(false);
  });

  const outputs = ["Step 1 : a", "x --> Snapshot created: @y\n", "Using user-supplied parent image: z", "plain\n"];
  for (const output of outputs) {
    test(`output of a program that looks like one stays as it is: ${JSON.stringify(output)}`, () => {
      const frames = verbatimFrames(output);
      expect(frames.join("")).toBe(output);
      for (const frame of frames) expect(rendered(frame)).toBe(false);
    });
  }
});
