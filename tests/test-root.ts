import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Statically linked, so that it runs in a root without libraries. Debian's package busybox-static. */
const BUSYBOX = "/bin/busybox";

const APPLETS = (
  "sh ash cat cp mv rm ln ls mkdir rmdir touch chmod chown echo printf env id whoami pwd hostname sleep true false test [ " +
  "expr seq head tail wc sort uniq cut tr grep sed awk find xargs tee date stat readlink realpath dd sync ps kill killall " +
  "mount umount mknod ping ip nc wget setsid nohup timeout tar gzip sha256sum md5sum od hexdump yes su usleep"
).split(" ");

const PASSWD = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
app:x:1000:1000:app:/home/app:/bin/sh
`;

// app is a supplementary member of audio and of staff.
const GROUP = `root:x:0:
audio:x:29:app
staff:x:50:root,app
nogroup:x:65534:
app:x:1000:
`;

/**
 * Makes a root file system of about 2 MB in the directory, which is created if need be: busybox with its applets in
 * /bin, and the users root, nobody and app (uid and gid 1000; also in the groups audio 29 and staff 50).
 */
export async function createTestRoot(directory: string): Promise<void> {
  const at = (path: string) => join(directory, path);
  for (const path of ["bin", "dev", "etc", "home/app", "proc", "root", "sys", "tmp", "usr/bin", "var"]) {
    await mkdir(at(path), { recursive: true });
  }
  await chmod(at("tmp"), 0o1777);
  await copyFile(BUSYBOX, at("bin/busybox"));
  await chmod(at("bin/busybox"), 0o755);
  await Promise.all(APPLETS.map((applet) => symlink("busybox", at(`bin/${applet}`))));
  await writeFile(at("etc/passwd"), PASSWD);
  await writeFile(at("etc/group"), GROUP);
}
