import { describe, expect, test } from "bun:test";
import { parseFreeBsdVersion } from "../../../../src/host/freebsd-version/freebsd-version.ts";
import { createFreeBsdBaseUserland, distributionUrl } from "../../../../src/platform/freebsd/base-userland.ts";
import { manifestChecksum } from "../../../../src/platform/freebsd/manifest.ts";
import { RecordingExecutor } from "../../../recording-executor.ts";

const SUM = "ab".repeat(32);

describe("the base userland", () => {
  test("is the host's release without its patch level", async () => {
    const executor = new RecordingExecutor().on(["/bin/freebsd-version", "-u"], { stdout: "14.1-RELEASE-p5\n" });
    expect(await createFreeBsdBaseUserland(executor).nametag()).toEqual({ name: "FreeBSD", tag: "14.1-RELEASE" });
    expect(executor.lines).toEqual(["/bin/freebsd-version -u"]);
  });

  test.each([
    ["14.1-RELEASE", "https://m/releases/amd64/amd64/14.1-RELEASE"],
    ["14.2-RC1", "https://m/releases/amd64/amd64/14.2-RC1"],
    ["14.2-BETA3", "https://m/releases/amd64/amd64/14.2-BETA3"],
    ["15.0-CURRENT", "https://m/snapshots/amd64/amd64/15.0-CURRENT"],
    ["14.1-STABLE", "https://m/snapshots/amd64/amd64/14.1-STABLE"],
    ["15.0-ALPHA2", "https://m/snapshots/amd64/amd64/15.0-ALPHA2"],
  ])("of %s comes from %s", (release, url) => {
    expect(distributionUrl("https://m/", { machine: "amd64", architecture: "amd64", release })).toBe(url);
  });

  test("has its checksum in the MANIFEST", () => {
    const manifest = `base-dbg.txz\t${"cd".repeat(32)}\t1\tbase_dbg\t"x"\toff\nbase.txz\t${SUM}\t26000\tbase\t"Base system"\ton\n`;
    expect(manifestChecksum(manifest, "base.txz")).toBe(SUM);
    expect(() => manifestChecksum(manifest, "lib32.txz")).toThrow("the release's MANIFEST has no lib32.txz");
    expect(() => manifestChecksum("base.txz\tnone\n", "base.txz")).toThrow("no checksum of base.txz");
    expect(() => manifestChecksum("<html>", "base.txz")).toThrow("has no base.txz");
  });
});

describe("freebsd-version", () => {
  test("tells release and major version", () => {
    expect(parseFreeBsdVersion("13.2-RELEASE\n")).toEqual({ release: "13.2-RELEASE", major: 13, text: "13.2-RELEASE" });
    expect(parseFreeBsdVersion("14.1-RELEASE-p12\n")).toMatchObject({ release: "14.1-RELEASE", major: 14 });
  });

  test.each(["", "FreeBSD", "14.1-RELEASE\n14.1-RELEASE\n", "14.1-RELEASE/../x"])("is refused for %j", (text) => {
    expect(() => parseFreeBsdVersion(text)).toThrow("freebsd-version wrote something unexpected");
  });
});
