import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBuildInput } from "../../../src/engine/build/dockerfile.ts";

let directory: string;
let context: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-context-"));
  context = join(directory, "context");
  mkdirSync(context);
  writeFileSync(join(directory, "secret"), "root:password");
  writeFileSync(join(directory, "Other"), "FROM other");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a Dockerfile that is a link out of the context is refused, and none of its lines is told", async () => {
  symlinkSync("../secret", join(context, "Dockerfile"));
  const failure = await readBuildInput({ context, dockerfile: "Dockerfile" }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "invalid" });
  expect(String(failure)).toContain("leads out of the build context");
  expect(String(failure).toLowerCase()).not.toContain("password");
});

test("a Dockerfile may be a link within the context, or a file that was asked for elsewhere", async () => {
  writeFileSync(join(context, "real"), "FROM base");
  symlinkSync("real", join(context, "Dockerfile"));
  const inside = await readBuildInput({ context, dockerfile: "Dockerfile" });
  const elsewhere = await readBuildInput({ context, dockerfile: join(directory, "Other") });
  expect(inside.dockerfile.instructions).toMatchObject([{ kind: "from", image: "base" }]);
  expect(elsewhere.dockerfile.instructions).toMatchObject([{ kind: "from", image: "other" }]);
});
