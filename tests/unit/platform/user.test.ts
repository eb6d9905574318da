import { afterAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findUser, parseGroup, parsePasswd, resolveUser } from "../../../src/platform/user.ts";

const PASSWD = `# a comment, as FreeBSD's file begins
root:*:0:0:Charlie &:/root:/bin/sh
toor:*:0:0:Bourne-again Superuser:/root:
app:x:1000:1000:App:/home/app:/bin/sh
42:x:7:8:a name of digits:/odd:
broken:x:abc:0::/:
short:x:5
+::::::
`;
const GROUP = `wheel:*:0:root,app
operator:*:5:root, app
app:x:1000:
video:x:44:app,other,root
broken:x:
`;
const find = (user: string) => findUser(parsePasswd(PASSWD), parseGroup(GROUP), user);

describe("findUser", () => {
  test("takes nothing for root, with root's groups", () => {
    expect(find("")).toEqual({ uid: 0, gid: 0, groups: [5, 44], home: "/root" });
  });

  test("finds a name and its number alike", () => {
    const app = { uid: 1000, gid: 1000, groups: [0, 5, 44], home: "/home/app" };
    expect(find("app")).toEqual(app);
    expect(find("1000")).toEqual(app);
  });

  test("takes an unknown number as it is, with gid 0", () => {
    expect(find("31337")).toEqual({ uid: 31337, gid: 0, groups: [], home: "/" });
  });

  test("takes digits for a number even where they are a name", () => {
    expect(find("42").uid).toBe(42);
    expect(find("7")).toEqual({ uid: 7, gid: 8, groups: [], home: "/odd" });
  });

  test("an explicit group replaces all of the user's own", () => {
    expect(find("app:video")).toEqual({ uid: 1000, gid: 44, groups: [], home: "/home/app" });
    expect(find("app:4321")).toEqual({ uid: 1000, gid: 4321, groups: [], home: "/home/app" });
    expect(find("1:2")).toEqual({ uid: 1, gid: 2, groups: [], home: "/" });
    expect(find(":video")).toEqual({ uid: 0, gid: 44, groups: [], home: "/root" });
    expect(find("app:").gid).toBe(1000);
  });

  test("refuses unknown names and says which", () => {
    expect(() => find("nosuch")).toThrow('no user "nosuch"');
    expect(() => find("app:nogroup")).toThrow('no group "nogroup"');
    expect(() => find("broken")).toThrow('no user "broken"');
    expect(() => find("-1")).toThrow('no user "-1"');
    expect(() => find("__proto__")).toThrow("no user");
  });

  test("refuses numbers that no kernel has", () => {
    expect(() => find("4294967296")).toThrow("too large");
    expect(() => find("0:99999999999999999999")).toThrow("too large");
  });
});

describe("resolveUser", () => {
  const made: string[] = [];
  afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true }))));
  const makeRoot = async () => {
    const root = await mkdtemp(join(tmpdir(), "kltest-user-"));
    made.push(root);
    await mkdir(join(root, "etc"));
    return root;
  };

  test("an image without the files has root and numbers", async () => {
    const root = await makeRoot();
    expect(await resolveUser(root, "")).toEqual({ uid: 0, gid: 0, groups: [], home: "/" });
    expect(await resolveUser(root, "5:6")).toEqual({ uid: 5, gid: 6, groups: [], home: "/" });
  });

  test("a passwd that is a link is followed inside the image, never to the host's", async () => {
    const root = await makeRoot();
    await symlink("/etc/real", join(root, "etc/passwd"));
    await symlink("/../../../../../../../etc/group", join(root, "etc/group2"));
    await symlink("group2", join(root, "etc/group"));
    await writeFile(join(root, "etc/real"), "inside:x:77:78::/in:/bin/sh\n");
    expect(await resolveUser(root, "inside").catch((error: Error) => error.message)).toContain("symbolic links");
    await rm(join(root, "etc/group"));
    expect(await resolveUser(root, "inside")).toEqual({ uid: 77, gid: 78, groups: [], home: "/in" });
  });
});
