import { describe, expect, test } from "bun:test";
import { imageCreateRequest } from "../../../../src/cli/image/create.ts";

const ARGS = {
  tag: undefined,
  dns: true,
  localtime: true,
  update: false,
  autotag: undefined,
  sha256: undefined,
  source: undefined,
} as const;
const DIRECTORY = "/home/me";

describe("fetch-auto", () => {
  test("names the image after the release unless a name is given", () => {
    const request = (more: object) => imageCreateRequest({ ...ARGS, method: "fetch-auto", ...more }, DIRECTORY);
    expect(request({})).toMatchObject({ method: "fetch-auto", tag: "", autotag: true });
    expect(request({ tag: "base" })).toMatchObject({ tag: "base", autotag: false });
    expect(request({ tag: "base", autotag: true })).toMatchObject({ tag: "base", autotag: true });
    expect(request({ autotag: false })).toMatchObject({ tag: "", autotag: false });
  });

  test("takes no source", () => {
    expect(() => imageCreateRequest({ ...ARGS, method: "fetch-auto", source: "x" })).toThrow("takes no source");
  });
});

describe("fetch", () => {
  test.each([
    ["base.txz", "/home/me/base.txz"],
    ["../base.txz", "/home/base.txz"],
    ["/srv/base.txz", "/srv/base.txz"],
    ["file:///srv/base.txz", "file:///srv/base.txz"],
    ["https://example.org/base.txz", "https://example.org/base.txz"],
  ])("of %s", (source, url) => {
    const request = imageCreateRequest({ ...ARGS, method: "fetch", tag: "base", source }, DIRECTORY);
    expect(request).toMatchObject({ url, zfs_dataset: "", autotag: false });
  });

  test("needs a name and a source", () => {
    expect(() => imageCreateRequest({ ...ARGS, method: "fetch", source: "a" })).toThrow("needs --tag NAME");
    expect(() => imageCreateRequest({ ...ARGS, method: "fetch", tag: "a" })).toThrow("needs a path or URL");
  });

  test("refuses what is no checksum", () => {
    const args = { ...ARGS, method: "fetch", tag: "base", source: "a" };
    expect(() => imageCreateRequest({ ...args, sha256: "abc" })).toThrow("64 hex digits");
    expect(imageCreateRequest({ ...args, sha256: "a".repeat(64) }).sha256).toBe("a".repeat(64));
  });
});

test("a dataset is passed on as it is", () => {
  const request = imageCreateRequest({ ...ARGS, method: "zfs-copy", tag: "base", source: "zroot/jails/base" });
  expect(request).toMatchObject({ method: "zfs-copy", zfs_dataset: "zroot/jails/base", url: "" });
  expect(() => imageCreateRequest({ ...ARGS, method: "zfs-clone", tag: "base" })).toThrow("needs a dataset");
});

test("an unknown method is refused with those there are", () => {
  expect(() => imageCreateRequest({ ...ARGS, method: "bogus" })).toThrow(
    "unknown method bogus: it is one of fetch-auto, fetch, zfs-copy, zfs-clone",
  );
});
