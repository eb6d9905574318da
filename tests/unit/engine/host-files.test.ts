import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { copyHostFiles } from "../../../src/engine/image/host-files.ts";

let directory: string;
let root: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-host-files-"));
  root = join(directory, "root");
  file = join(directory, "host", "resolv.conf");
  mkdirSync(dirname(file));
  mkdirSync(join(root, dirname(file)), { recursive: true });
  writeFileSync(file, "the host's");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a link in the file's place is replaced, and what it leads to stays as it is", async () => {
  writeFileSync(join(directory, "precious"), "untouched");
  symlinkSync(join(directory, "precious"), join(root, file));
  await copyHostFiles(root, [file]);
  expect(lstatSync(join(root, file)).isFile()).toBe(true);
  expect(readFileSync(join(root, file), "utf8")).toBe("the host's");
  expect(readFileSync(join(directory, "precious"), "utf8")).toBe("untouched");
});

test("a directory in the file's place is refused by name, and nothing is left beside it", async () => {
  mkdirSync(join(root, file));
  await expect(copyHostFiles(root, [file])).rejects.toMatchObject({
    code: "invalid",
    message: `what the image has at ${file} cannot be replaced by the host's file`,
  });
  expect(readdirSync(join(root, dirname(file)))).toEqual(["resolv.conf"]);
});

test("a file in its directory's place is refused by name", async () => {
  rmSync(join(root, dirname(file)), { recursive: true });
  writeFileSync(join(root, dirname(file)), "");
  await expect(copyHostFiles(root, [file])).rejects.toMatchObject({ code: "invalid" });
});
