import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../../src/errors.ts";
import { readFileInRoot, resolveInRoot } from "../../../src/host/rooted-path.ts";

let base: string;
let root: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "kltest-rooted-"));
  root = join(base, "root");
  await mkdir(join(root, "usr/local/etc"), { recursive: true });
  await mkdir(join(root, "etc"));
  await writeFile(join(base, "secret"), "the host's");
  await writeFile(join(root, "etc/motd"), "hello");
  const links: Record<string, string> = {
    absolute: "/etc",
    relative: "usr/local/etc",
    "usr/local/up": "../../etc",
    out: "../../../../../../..",
    "out-absolute": "/../../secret",
    secret: "../secret",
    chain: "chain2/local",
    chain2: "/usr",
    self: "self",
    loop1: "loop2/x",
    loop2: "/loop1",
    dangling: "/new/place",
    "host-root": base,
    slashes: "//etc///motd",
    dot: "./etc/./.",
  };
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
});

afterAll(() => rm(base, { recursive: true, force: true }));

describe("resolveInRoot", () => {
  const inside: readonly [string, string][] = [
    ["/", ""],
    ["", ""],
    ["/etc/motd", "etc/motd"],
    ["etc//./motd", "etc/motd"],
    ["/../../../etc", "etc"],
    ["/usr/local/../../etc", "etc"],
    ["/absolute/motd", "etc/motd"],
    ["/absolute", "etc"],
    ["/relative/x", "usr/local/etc/x"],
    ["/usr/local/up/motd", "etc/motd"],
    ["/chain/etc", "usr/local/etc"],
    ["/out", ""],
    ["/out/etc/motd", "etc/motd"],
    ["/slashes", "etc/motd"],
    ["/dot/motd", "etc/motd"],
    ["/absolute/..", ""],
    ["/usr/local/up/..", ""],
    ["/dangling", "new/place"],
    ["/dangling/deeper", "new/place/deeper"],
    ["/no/such/../path", "no/path"],
    ["/no/../../../etc/motd", "etc/motd"],
  ];
  for (const [path, expected] of inside) {
    test(`${path || "the empty path"} is ${expected || "the root itself"}`, async () => {
      expect(await resolveInRoot(root, path)).toBe(join(root, expected));
    });
  }

  test("a link that names a directory of the host stays inside", async () => {
    expect(await resolveInRoot(root, "/host-root/secret")).toBe(join(root, base, "secret"));
  });

  // The link named secret leads to ../secret, which inside the root is itself.
  for (const path of ["/self", "/loop1", "/loop1/deeper", "/secret", "/out-absolute"]) {
    test(`${path} is a loop of links, which is invalid`, async () => {
      expect(await resolveInRoot(root, path).catch(errorCode)).toBe("invalid");
    });
  }

  test("a path through a file, with a NUL or too long is invalid", async () => {
    for (const path of ["/etc/motd/x", "/etc/\0", `/etc/${"x".repeat(300)}`]) {
      expect(await resolveInRoot(root, path).catch(errorCode)).toBe("invalid");
    }
  });

  test("the root itself may be reached through a link", async () => {
    await symlink(root, join(base, "alias"));
    expect(await resolveInRoot(join(base, "alias"), "/absolute/motd")).toBe(join(base, "alias/etc/motd"));
  });
});

describe("readFileInRoot", () => {
  test("reads through links inside the root", async () => {
    expect(await readFileInRoot(root, "/slashes")).toBe("hello");
  });

  test("gives undefined where there is no file", async () => {
    expect(await readFileInRoot(root, "/etc/nosuch")).toBeUndefined();
    expect(await readFileInRoot(root, "/nosuch/file")).toBeUndefined();
  });

  test("refuses a directory", async () => {
    expect(await readFileInRoot(root, "/etc").catch(errorCode)).toBe("invalid");
  });

  test("never gives a file of the host's", async () => {
    await symlink(join(base, "secret"), join(root, "etc/stolen"));
    expect(await readFileInRoot(root, "/etc/stolen")).toBeUndefined();
  });
});
