import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseOsRelease, usesApt } from "../../../../src/host/os-release/os-release.ts";

const fixture = (name: string) => Bun.file(join(import.meta.dir, "../../../fixtures/os-release", name)).text();

test("Debian's file is read", async () => {
  const release = parseOsRelease(await fixture("debian-12.txt"));
  expect(release).toEqual({
    id: "debian",
    idLike: [],
    codename: "bookworm",
    prettyName: "Debian GNU/Linux 12 (bookworm)",
  });
  expect(usesApt(release)).toBe(true);
});

test("Ubuntu's file is read", async () => {
  const release = parseOsRelease(await fixture("ubuntu-24.04.txt"));
  expect(release).toMatchObject({ id: "ubuntu", idLike: ["debian"], codename: "noble" });
  expect(usesApt(release)).toBe(true);
});

test("quotes and backslashes are taken as the shell takes them, comments are skipped", () => {
  const release = parseOsRelease(`# a comment\nID='alpine'\nPRETTY_NAME="The \\"Small\\" \\$1"\n`);
  expect(release.id).toBe("alpine");
  expect(release.prettyName).toBe('The "Small" $1');
  expect(usesApt(release)).toBe(false);
});

test("a derivative of Debian uses apt", () => {
  expect(usesApt(parseOsRelease("ID=linuxmint\nID_LIKE='ubuntu debian'\n"))).toBe(true);
});

test("a missing file's empty text gives empty values", () => {
  expect(parseOsRelease("")).toEqual({ id: "", idLike: [], codename: "", prettyName: "" });
});
