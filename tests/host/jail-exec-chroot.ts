/** The helper as it runs on FreeBSD, with chroot(2) in place of jail_attach(2): `bun jail-exec-chroot.ts ROOT SPEC`. */
import { CStrings } from "../../src/host/libc/c-strings.ts";
import { LINUX_LIBC, openLibc } from "../../src/host/libc/libc.ts";
import { runJailExec } from "../../src/jail-exec.ts";

const [root = "", specFile = ""] = process.argv.slice(2);
const libc = openLibc(LINUX_LIBC);
const path = new CStrings([root]);

runJailExec(specFile, {
  libc,
  enter: () =>
    libc.chroot(path.pointer(root)) === 0 ? undefined : { code: "failed", message: "cannot chroot", status: 126 },
  groupList: (_gid, groups) => groups,
});
