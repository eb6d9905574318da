import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "../../src/engine/build/build-error.ts";
import { inspectImage } from "../../src/engine/image/inspect.ts";
import { listImages } from "../../src/engine/image/list.ts";
import { errorCode } from "../../src/errors.ts";
import { failure } from "./failure.ts";
import { createScratchEngine, type ScratchEngine } from "./scratch-engine.ts";

let scratch: ScratchEngine;
beforeAll(async () => {
  scratch = await createScratchEngine();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** Everything that a failed build must leave as it was. */
const state = async () => ({
  datasets: await scratch.datasets(),
  images: listImages(scratch.engine).map(({ id, tags }) => ({ id, tags })),
  jails: await scratch.engine.runtime.list(),
});

describe("a build", () => {
  test("carries out every instruction, and its image runs with what they set", async () => {
    const { id } = await scratch.build(
      [
        "ARG BASE=base",
        "FROM ${BASE}",
        "ARG GREETING=hello",
        "ENV WHO=world MODE=${MODE:-plain}",
        'RUN echo "$GREETING $WHO" > /greeting',
        "WORKDIR /srv/app",
        "COPY data/*.txt ./",
        "USER app",
        "CMD cat /greeting a.txt b.txt; id -u; pwd; echo $MODE",
      ].join("\n"),
      { tag: "whole", files: { "data/a.txt": "A\n", "data/b.txt": "B\n" }, buildargs: { GREETING: "good day" } },
    );
    const ran = await scratch.run({ image: "whole" });
    expect(ran).toMatchObject({ exitCode: 0, stderr: "", stdout: "good day world\nA\nB\n1000\n/srv/app\nplain\n" });
    expect(inspectImage(scratch.engine, "whole")).toMatchObject({
      id,
      name: "whole",
      tag: "latest",
      user: "app",
      workdir: "/srv/app",
      env: ["WHO=world", "MODE=plain"],
    });
  });

  test("shows each step, the command's own output, and the snapshots, of which the last has the image's ID", async () => {
    const { id, lines } = await scratch.build(
      "FROM base\nRUN echo one\nENV A=1\nRUN echo two; echo three >&2\nCMD true\n",
    );
    const text = lines.join("\n");
    expect(text).toMatch(
      new RegExp(
        [
          "^Step 1/5 : FROM base",
          "Step 2/5 : RUN echo one",
          "one\\n",
          "--> Snapshot created: @[0-9a-f]{12}",
          "Step 3/5 : ENV A=1",
          "Step 4/5 : RUN echo two; echo three >&2",
          "[^]*two\\n[^]*",
          `--> Snapshot created: @${id}`,
          "Step 5/5 : CMD true$",
        ].join("\\n"),
      ),
    );
    expect(text).toContain("three\n");
    const { instructions, snapshot } = inspectImage(scratch.engine, id);
    expect(snapshot).toBe(id);
    expect(instructions.map(([line]) => line)).toEqual([
      "FROM base",
      "RUN echo one",
      "ENV A=1",
      "RUN echo two; echo three >&2",
      "CMD true",
    ]);
  });

  test("can start from any snapshot of an image", async () => {
    const { id } = await scratch.build("FROM base\nRUN echo 1 > /step\nRUN echo 2 > /step\n", { tag: "steps" });
    const snapshot = inspectImage(scratch.engine, id).instructions[1]?.[1];
    await scratch.build(`FROM steps@${snapshot}\nCMD cat /step\n`, { tag: "middle" });
    expect(await scratch.run({ image: "middle" })).toMatchObject({ stdout: "1\n" });
    expect(await scratch.run({ image: `steps@${snapshot}`, cmd: ["cat", "/step"] })).toMatchObject({ stdout: "1\n" });
  });

  test("makes the directory of a WORKDIR that comes last", async () => {
    await scratch.build('FROM base\nRUN true\nWORKDIR /new/place\nCMD ["pwd"]\n', { tag: "workdir" });
    expect(await scratch.run({ image: "workdir" })).toMatchObject({ exitCode: 0, stdout: "/new/place\n" });
  });

  test("gives a tag to the newer image", async () => {
    const first = await scratch.build("FROM base\n", { tag: "again:v1" });
    const second = await scratch.build("FROM base\n", { tag: "again:v1" });
    expect(inspectImage(scratch.engine, "again:v1").id).toBe(second.id);
    expect(inspectImage(scratch.engine, first.id).tags).toEqual([]);
  });

  test("never shows its context, nor a process of an earlier RUN, to a RUN", async () => {
    const { lines } = await scratch.build("FROM base\nRUN (sleep 1000 &)\nRUN ls -a / /tmp; ps\n", {
      files: { "secret-of-the-context": "x" },
    });
    expect(lines.join("")).not.toContain("secret-of-the-context");
    expect(lines.slice(4).join("")).not.toContain("sleep 1000");
  });

  test("hides build arguments from the image", async () => {
    const { id } = await scratch.build('FROM base\nARG TOKEN\nRUN test -n "$TOKEN"\n', {
      buildargs: { TOKEN: "s3cr3t" },
    });
    expect(JSON.stringify(inspectImage(scratch.engine, id))).not.toContain("s3cr3t");
  });
});

describe("a build that fails", () => {
  test("names instruction and exit code, and is kept as NAME:failed with its last good snapshot", async () => {
    const error = await failure(
      scratch.build("FROM base\nRUN echo good > /state\nRUN echo bad > /state; exit 7\nRUN true\n", {
        tag: "broken:v1",
        cleanup: false,
      }),
    );
    expect(error).toBeInstanceOf(BuildError);
    const { imageId, snapshot, message } = error as BuildError;
    expect(message).toContain("Dockerfile: line 3: RUN: ");
    expect(message).toContain("returned a non-zero code: 7");
    expect(message).toContain(`broken:failed@${snapshot}`);
    expect(inspectImage(scratch.engine, "broken:failed").id).toBe(imageId);
    expect(await scratch.run({ image: "broken:failed", cmd: ["cat", "/state"] })).toMatchObject({ stdout: "good\n" });
    await scratch.build(`FROM broken:failed@${snapshot}\nRUN echo mended >> /state\n`, { tag: "mended" });
    expect(await scratch.run({ image: "mended", cmd: ["cat", "/state"] })).toMatchObject({ stdout: "good\nmended\n" });
  });

  test("at its first instruction is kept as its parent was", async () => {
    const error = await failure(scratch.build("FROM base\nRUN echo x > /x; false\n", { tag: "first", cleanup: false }));
    expect((error as BuildError).snapshot).toMatch(/^[0-9a-f]{12}$/);
    expect(await scratch.run({ image: "first:failed", cmd: ["ls", "/x"] })).toMatchObject({ stdout: "" });
  });

  test("leaves nothing when cleaning up was asked for", async () => {
    const before = await state();
    await failure(scratch.build("FROM base\nRUN true\nRUN false\n", { tag: "gone", cleanup: true }));
    expect(await state()).toEqual(before);
  });

  test.each([
    ["", "invalid", "Dockerfile"],
    ["RUN true\n", "invalid", "line 1"],
    ["FROM base\nNONSENSE x\nRUNN y\n", "invalid", "line 3"],
    ["FROM missing\n", "not-found", "line 1: FROM missing"],
    ["FROM base@0123456789ab\n", "not-found", "@0123456789ab"],
    ["FROM base:\n", "invalid", "base:"],
  ])("%j is refused before anything is made", async (dockerfile, code, words) => {
    const before = await state();
    const error = await failure(scratch.build(dockerfile, { cleanup: false, tag: "refused" }));
    expect(errorCode(error) as string).toBe(code);
    expect(error.message).toContain(words);
    expect(await state()).toEqual(before);
  });

  test("because of a COPY out of its context, also by a link, leaves nothing with cleanup", async () => {
    const before = await state();
    const upward = await failure(scratch.build("FROM base\nCOPY ../root.tar /\n", { cleanup: true }));
    expect(upward.message).toContain("outside the build context");
    const context = join(scratch.directory, "linked");
    await Bun.write(join(context, "Dockerfile"), "FROM base\nCOPY link /\n");
    symlinkSync("/etc/passwd", join(context, "link"));
    const linked = await failure(scratch.build("", { context, cleanup: true }));
    expect(linked.message).toContain("outside the build context");
    expect(await state()).toEqual(before);
  });

  test("when it is canceled, ends its processes and leaves nothing", async () => {
    const before = await state();
    const abort = new AbortController();
    const error = await failure(
      scratch.build("FROM base\nRUN true\nRUN sleep 1000\n", {
        cleanup: false,
        tag: "canceled",
        signal: abort.signal,
        onStatus: (line) => {
          if (line.includes("sleep")) setTimeout(() => abort.abort(), 100);
        },
      }),
    );
    expect(errorCode(error)).toBe("canceled");
    expect(await state()).toEqual(before);
  });
});
