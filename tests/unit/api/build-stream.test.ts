import { describe, expect, test } from "bun:test";
import { buildEndpoint, createEndpoint } from "../../../src/api/image-stream.ts";
import type { Id } from "../../../src/contract/names.ts";
import { CHANNEL } from "../../../src/contract/stream.ts";
import type { buildImage } from "../../../src/engine/build/build.ts";
import { BuildError } from "../../../src/engine/build/build-error.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { createImage } from "../../../src/engine/image/create.ts";
import { KleeneError } from "../../../src/errors.ts";
import { channels, Serving } from "./serving.ts";

const ENGINE = {} as Engine;
const ID = "0123456789ab" as Id;
const PATH = "/images/build";
const CONFIG = { context: "/ctx", quiet: "false", buildargs: { A: "1" } };
const starting = (data: string) => JSON.stringify({ msg_type: "starting", message: "", data });
const utf8 = (text: string) => new TextEncoder().encode(text);

const serveBuild = (build: typeof buildImage) => new Serving({ [PATH]: buildEndpoint(ENGINE, build) });

const succeed: typeof buildImage = async (_engine, _config, output, _signal, onStarted) => {
  onStarted(ID);
  output.status("Step 1/2 : FROM base");
  output.bytes("stdout", utf8("hello\n"));
  output.status("--> Snapshot created: @0123456789ab");
  return ID;
};

const failAtRun: typeof buildImage = async (_engine, _config, output, _signal, onStarted) => {
  onStarted(ID);
  output.status("Step 1/2 : RUN false");
  throw new BuildError("failed", "The command '/bin/sh -c false' returned a non-zero code: 1", ID, "ba9876543210");
};

describe("a build for Kleened's client", () => {
  test("tells the image's ID first, each line in a frame of its own, and ends with 1000", async () => {
    await using serving = serveBuild(succeed);
    const { frames, code, message } = await serving.ask(PATH, CONFIG);
    expect(frames).toEqual([starting(ID), "Step 1/2 : FROM base", "hello\n", "--> Snapshot created: @0123456789ab"]);
    expect(code).toBe(1000);
    expect(message).toEqual({ msg_type: "closing", message: "image created", data: ID });
  });

  test('that is quiet gives nothing but the end, also for the word "true"', async () => {
    await using serving = serveBuild(succeed);
    const { frames, message } = await serving.ask(PATH, { ...CONFIG, quiet: "true" });
    expect(frames).toEqual([starting(ID)]);
    expect(message.data).toBe(ID);
  });

  test("that fails gives the reason as text and the most recent snapshot in the close", async () => {
    await using serving = serveBuild(failAtRun);
    const { frames, code, message } = await serving.ask(PATH, CONFIG);
    expect(frames.at(-1)).toBe("The command '/bin/sh -c false' returned a non-zero code: 1\n");
    expect(code).toBe(1011);
    expect(message).toEqual({ msg_type: "error", message: "image build failed", data: "@ba9876543210" });
  });

  test("that fails and keeps an image without snapshot, or nothing, says so", async () => {
    const failing = (imageId: string) =>
      serveBuild(async (_engine, _config, _output, _signal, onStarted) => {
        onStarted(ID);
        throw new BuildError("failed", "no", imageId, "");
      });
    await using kept = failing(ID);
    expect((await kept.ask(PATH, CONFIG)).message.data).toBe("no snapshots available");
    await using nothing = failing("");
    expect((await nothing.ask(PATH, CONFIG)).message.data).toBe("");
  });

  test("whose Dockerfile cannot be parsed starts with no ID and gives every line of the reason", async () => {
    await using serving = serveBuild(async () => {
      throw new KleeneError("invalid", "Dockerfile:1: unknown instruction FORM\nDockerfile:2: CMD is empty");
    });
    const { frames, code, message } = await serving.ask(PATH, CONFIG);
    expect(frames).toEqual([starting(""), "Dockerfile:1: unknown instruction FORM\nDockerfile:2: CMD is empty\n"]);
    expect(code).toBe(1011);
    expect(message).toEqual({ msg_type: "error", message: "failed to process Dockerfile", data: "" });
  });

  test("never splits a character between frames, and never sends bytes that are no text", async () => {
    const text = "grüße, 世界 😀\n";
    await using serving = serveBuild(async (_engine, _config, output, _signal, onStarted) => {
      onStarted(ID);
      for (const byte of utf8(text)) output.bytes("stdout", new Uint8Array([byte]));
      output.bytes("stderr", new Uint8Array([0xff, 0x41]));
      output.bytes("stdout", new Uint8Array([0xe4]));
      output.status("Step 2/2 : CMD x");
      return ID;
    });
    const { frames } = await serving.ask(PATH, CONFIG);
    expect(frames.every((frame) => typeof frame === "string")).toBe(true);
    expect(frames.slice(1).join("")).toBe(`${text}\ufffdA\ufffdStep 2/2 : CMD x`);
    expect(frames.at(-1)).toBe("Step 2/2 : CMD x");
  });
});

describe("a build for our own client", () => {
  test("gives lines, output and the result on channels of their own", async () => {
    await using serving = serveBuild(succeed);
    const { frames, code } = await serving.ask(PATH, { ...CONFIG, framed: true });
    expect(frames[0]).toBe(starting(ID));
    expect(channels(frames)).toEqual([
      [CHANNEL.status, "Step 1/2 : FROM base"],
      [CHANNEL.stdout, "hello\n"],
      [CHANNEL.status, "--> Snapshot created: @0123456789ab"],
      [CHANNEL.result, JSON.stringify({ id: ID })],
    ]);
    expect(code).toBe(1000);
  });

  test("that fails gives the error in the result", async () => {
    await using serving = serveBuild(failAtRun);
    const { frames } = await serving.ask(PATH, { ...CONFIG, framed: true });
    const result = channels(frames).at(-1);
    expect(result?.[0]).toBe(CHANNEL.result);
    expect(JSON.parse(result?.[1] ?? "")).toEqual({
      error: { message: "The command '/bin/sh -c false' returned a non-zero code: 1", code: "failed" },
    });
  });
});

describe("a wrong configuration frame", () => {
  const never: typeof buildImage = async () => {
    throw new Error("it was built");
  };
  const cases: [string, string | Uint8Array, number, RegExp][] = [
    ["that is not JSON", "{", 1011, /not JSON/],
    ["that is not an object", "[]", 1011, /./],
    ["without a context", "{}", 1011, /context/],
    ["with a relative context", '{"context":"x"}', 1011, /context: .*absolute/],
    ["that is binary", new Uint8Array([123, 125]), 1003, /not a text frame/],
    ["that is too large", JSON.stringify({ context: "/", x: "x".repeat(1 << 20) }), 1009, /larger than 1 MiB/],
  ];
  for (const [what, frame, expected, reason] of cases) {
    test(`${what} is refused with a reason`, async () => {
      await using serving = serveBuild(never);
      const { frames, code, message } = await serving.ask(PATH, frame);
      expect(code).toBe(expected);
      expect(frames[0]).toBe(starting(""));
      expect(frames[1]).toMatch(reason);
      expect(message.msg_type).toBe("error");
    });
  }

  test("is refused in the client's own encoding", async () => {
    await using serving = serveBuild(never);
    const { frames } = await serving.ask(PATH, { framed: true });
    const [[channel, result] = [-1, ""]] = channels(frames);
    expect(channel).toBe(CHANNEL.result);
    expect(JSON.parse(result)).toMatchObject({ error: { code: "invalid" } });
  });
});

describe("an end before the end", () => {
  const waitForAbort =
    (started: () => void, ended: (reason: unknown) => void): typeof buildImage =>
    async (_engine, _config, _output, signal, onStarted) => {
      onStarted(ID);
      started();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      ended(signal.reason);
      throw new KleeneError("canceled", "the build was canceled");
    };

  test("a client that goes away in the middle stops its build", async () => {
    const started = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<unknown>();
    await using serving = serveBuild(waitForAbort(started.resolve, ended.resolve));
    const socket = serving.open(PATH);
    socket.onopen = () => socket.send(JSON.stringify(CONFIG));
    await started.promise;
    expect(serving.activity.idleFor()).toBe(0);
    socket.close();
    expect(await ended.promise).toMatchObject({ code: "canceled" });
  });

  test("a daemon that ends stops the build, waits for its clean-up and tells the client", async () => {
    const started = Promise.withResolvers<void>();
    let cleanedUp = false;
    await using serving = serveBuild(
      waitForAbort(started.resolve, () => {
        cleanedUp = true;
      }),
    );
    const answer = serving.ask(PATH, CONFIG);
    await started.promise;
    await serving.streams.stop();
    expect(cleanedUp).toBe(true);
    const { frames, message } = await answer;
    expect(frames.at(-1)).toBe("the daemon is shutting down\n");
    expect(message.message).toBe("image build failed");
  });
});

describe("creating an image", () => {
  const serveCreate = (create: typeof createImage) => new Serving({ "/images/create": createEndpoint(ENGINE, create) });
  const config = { method: "fetch-auto", url: "", zfs_dataset: "", tag: "", dns: true, localtime: true };

  test("starts, gives its text, and ends with the ID", async () => {
    await using serving = serveCreate(async (_engine, _config, output) => {
      output.status("unpacking");
      output.progress({ what: "download", done: 1, total: null });
      return ID;
    });
    const { frames, code, message } = await serving.ask("/images/create", config);
    expect(frames).toEqual([starting(""), "unpacking\n"]);
    expect(code).toBe(1000);
    expect(message).toEqual({ msg_type: "closing", message: "image created", data: ID });
  });

  test("that fails gives the whole reason as text and its beginning in the close", async () => {
    const reason = `cannot fetch the archive: ${"the mirror does not answer ".repeat(10)}`;
    await using serving = serveCreate(async () => {
      throw new KleeneError("unavailable", reason);
    });
    const { frames, code, reason: closeReason, message } = await serving.ask("/images/create", config);
    expect(frames).toEqual([starting(""), `${reason}\n`]);
    expect(code).toBe(1011);
    expect(Buffer.byteLength(closeReason)).toBeLessThanOrEqual(123);
    expect(message.message).toStartWith("image creation failed: cannot fetch the archive");
  });

  test("of an unknown method is refused over the socket", async () => {
    await using serving = serveCreate(async () => ID);
    const { frames, code } = await serving.ask("/images/create", { ...config, method: "bogus" });
    expect(frames[0]).toBe(starting(""));
    expect(frames[1]).toMatch(/method/);
    expect(code).toBe(1011);
  });
});
