import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, lstatSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareMountPoints } from "../../../../src/platform/freebsd/mount-points.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "kltest-mount-points-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

test("a directory to mount on that the image has not is made", async () => {
  await prepareMountPoints({ root, parameters: ["mount.procfs"] });
  expect(lstatSync(join(root, "dev")).isDirectory()).toBe(true);
  expect(lstatSync(join(root, "proc")).isDirectory()).toBe(true);
});

test("nothing is made where nothing is mounted", async () => {
  await prepareMountPoints({ root, parameters: ["mount.nodevfs"] });
  await prepareMountPoints({ root, parameters: ["mount.devfs=false"] });
  expect(existsSync(join(root, "dev"))).toBe(false);
});

test("a link that leads out of the root is not mounted on", async () => {
  const outside = join(root, "outside");
  await mkdir(outside);
  await symlink(outside, join(root, "dev"));
  expect(prepareMountPoints({ root, parameters: [] })).rejects.toThrow("/dev is a symbolic link in the image");
});

test("a file is not mounted on", async () => {
  await writeFile(join(root, "dev"), "");
  expect(prepareMountPoints({ root, parameters: [] })).rejects.toThrow("/dev is not a directory in the image");
});
