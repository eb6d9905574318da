import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { copyIntoRoot } from "../../../src/engine/build/copy.ts";
import { copyEntry } from "../../../src/engine/build/copy-tree.ts";
import { errorCode } from "../../../src/errors.ts";

let directory: string;
let context: string;
let root: string;
let canary: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-copy-"));
  context = join(directory, "context");
  root = join(directory, "root");
  canary = join(directory, "canary");
  for (const path of [context, root, canary]) mkdirSync(path);
  writeFileSync(join(canary, "secret"), "untouched");
});
afterEach(() => rmSync(directory, { recursive: true }));

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

function put(base: string, path: string, text = path): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
}

const copy = (destination: string, ...sources: string[]) =>
  copyIntoRoot({ context, root, sources, destination, owner });
const inRoot = (path: string) => readFileSync(join(root, path), "utf8");

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  return await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("COPY", () => {
  test("puts a file under the destination's name, or into it when it is a directory", async () => {
    put(context, "f", "text");
    mkdirSync(join(root, "there"));
    await copy("/new/name", "f");
    await copy("/new/dir/", "f");
    await copy("/there", "f");
    expect([inRoot("new/name"), inRoot("new/dir/f"), inRoot("there/f")]).toEqual(["text", "text", "text"]);
  });

  test("merges what a directory holds, without the directory itself", async () => {
    put(context, "d/a/x");
    put(context, "d/.hidden");
    put(root, "dest/a/kept", "kept");
    await copy("/dest", "d");
    expect([inRoot("dest/a/x"), inRoot("dest/.hidden"), inRoot("dest/a/kept")]).toEqual(["d/a/x", "d/.hidden", "kept"]);
  });

  test("keeps modes and times, and links as links", async () => {
    put(context, "d/tool");
    chmodSync(join(context, "d/tool"), 0o4751);
    utimesSync(join(context, "d/tool"), 1_000_000, 1_000_000);
    symlinkSync("/nowhere", join(context, "d/link"));
    await copy("/d/", "d");
    const { mode, mtimeMs } = lstatSync(join(root, "d/tool"));
    expect((mode & 0o7777).toString(8)).toBe("4751");
    expect(mtimeMs).toBe(1_000_000_000);
    expect(readlinkSync(join(root, "d/link"))).toBe("/nowhere");
  });

  test("resolves wildcards in every component", async () => {
    for (const path of ["a1/x.py", "a2/y.py", "a2/z.txt", "b/w.py"]) put(context, path);
    await copy("/py/", "a?/*.py");
    expect(existsSync(join(root, "py/x.py")) && existsSync(join(root, "py/y.py"))).toBe(true);
    expect(existsSync(join(root, "py/z.txt")) || existsSync(join(root, "py/w.py"))).toBe(false);
  });

  test("copies names that are not text", async () => {
    const name = Buffer.concat([Buffer.from(join(context, "d/")), Buffer.from([0x66, 0xff])]);
    mkdirSync(join(context, "d"));
    writeFileSync(name, "bytes");
    await copy("/d", "d");
    const copied = Buffer.concat([Buffer.from(join(root, "d/")), Buffer.from([0x66, 0xff])]);
    expect(readFileSync(copied, "utf8")).toBe("bytes");
  });

  test("several sources need a directory", async () => {
    put(context, "a");
    put(context, "b");
    expect(errorCode(await failure(copy("/x", "a", "b")))).toBe("invalid");
    expect(existsSync(join(root, "x"))).toBe(false);
  });

  test.each(["../canary/secret", "x/../../canary/secret", "..", "sub/../../canary"])(
    "%s lies outside the context",
    async (source) => {
      mkdirSync(join(context, "sub"));
      const error = await failure(copy("/x/", source));
      expect(errorCode(error)).toBe("invalid");
      expect(String(error)).toContain("outside the build context");
      expect(existsSync(join(root, "x"))).toBe(false);
    },
  );

  test("a link that leads out of the context is refused, as a source and on the way to one", async () => {
    symlinkSync(join(canary, "secret"), join(context, "link"));
    symlinkSync("../canary", join(context, "dir"));
    for (const source of ["link", "dir", "dir/secret", "li*"]) {
      const error = await failure(copy("/x/", source));
      expect(String(error)).toContain("outside the build context");
    }
  });

  test("a link inside the context is followed", async () => {
    put(context, "real/f", "text");
    symlinkSync("real", join(context, "link"));
    await copy("/x/", "link/f");
    expect(inRoot("x/f")).toBe("text");
  });

  test("a missing source is named", async () => {
    const error = await failure(copy("/x", "missing"));
    expect(errorCode(error)).toBe("not-found");
    expect(String(error)).toContain("missing");
  });

  test("links in the image never lead out of it", async () => {
    put(context, "f", "payload");
    put(context, "d/sub/f", "payload");
    symlinkSync(canary, join(root, "absolute"));
    symlinkSync("../../../canary", join(root, "relative"));
    symlinkSync(join(canary, "secret"), join(root, "file"));
    mkdirSync(join(root, "merged"));
    symlinkSync(canary, join(root, "merged/sub"));
    await copy("/absolute/f", "f");
    await copy("/relative/", "f");
    await copy("/file", "f");
    expect(errorCode(await failure(copy("/merged", "d")))).toBe("invalid");
    expect(readFileSync(join(canary, "secret"), "utf8")).toBe("untouched");
    expect(existsSync(join(canary, "f"))).toBe(false);
  });

  test("a link that is in the way of a file is replaced, not followed", async () => {
    put(context, "d/secret", "payload");
    mkdirSync(join(root, "d"));
    symlinkSync(join(canary, "secret"), join(root, "d/secret"));
    await copy("/d", "d");
    expect(lstatSync(join(root, "d/secret")).isFile()).toBe(true);
    expect(readFileSync(join(canary, "secret"), "utf8")).toBe("untouched");
  });

  test("a file never replaces a directory", async () => {
    put(context, "d/x", "file");
    mkdirSync(join(root, "d/x"), { recursive: true });
    expect(errorCode(await failure(copy("/d", "d")))).toBe("invalid");
  });
});

describe("a file that is replaced while it is copied", () => {
  const replaced = async (replace: (path: string) => void) => {
    put(context, "f", "text");
    const stats = lstatSync(join(context, "f"));
    rmSync(join(context, "f"));
    replace(join(context, "f"));
    return await failure(copyEntry({ owner }, Buffer.from(join(context, "f")), stats, Buffer.from(join(root, "f"))));
  };

  test("by a link is not followed out of the context", async () => {
    expect(errorCode(await replaced((path) => symlinkSync(join(canary, "secret"), path)))).toBe("invalid");
    expect(existsSync(join(root, "f"))).toBe(false);
  });

  test("by a pipe does not hold the build up", async () => {
    expect(errorCode(await replaced((path) => Bun.spawnSync(["mkfifo", path])))).toBe("invalid");
    expect(existsSync(join(root, "f"))).toBe(false);
  });
});
