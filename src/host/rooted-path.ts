import { constants } from "node:fs";
import { lstat, open, readlink } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError, systemErrorCode } from "../errors.ts";

/** As many links as Linux's own path_resolution(7) follows. */
const MAX_LINKS = 40;
/** No file that is read here (passwd, group, resolv.conf) has any business being larger. */
const MAX_FILE_SIZE = 16 * 1024 * 1024;

/**
 * The host's path of a path inside a root file system, found as if chrooted there: every symbolic link, absolute or
 * not, and every `..` ends inside the root, the last component's link included. Components that do not exist are
 * taken as they are, so that they can be created. Whoever can write in the root meanwhile can make the answer stale:
 * ask just before each use.
 *
 * @throws KleeneError `invalid` for a loop of links, or a path through something that is not a directory
 */
export async function resolveInRoot(root: string, path: string): Promise<string> {
  if (path.includes("\0")) throw new KleeneError("invalid", "a path cannot hold a NUL");
  const pending = components(path);
  const resolved: string[] = [];
  let links = 0;
  let missing = false;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === "..") {
      resolved.pop();
      missing = false;
      continue;
    }
    resolved.push(name);
    if (missing) continue;
    const target = await linkTarget(join(root, ...resolved), path);
    if (target === "missing") {
      missing = true;
    } else if (target !== "not-a-link") {
      if (++links > MAX_LINKS) throw new KleeneError("invalid", `too many symbolic links in ${path}`);
      if (target.link.startsWith("/")) resolved.length = 0;
      else resolved.pop();
      pending.unshift(...components(target.link));
    }
  }
  return join(root, ...resolved);
}

function components(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

async function linkTarget(at: string, asked: string): Promise<"missing" | "not-a-link" | { link: string }> {
  try {
    return (await lstat(at)).isSymbolicLink() ? { link: await readlink(at) } : "not-a-link";
  } catch (cause) {
    switch (systemErrorCode(cause)) {
      case "ENOENT":
        return "missing";
      case "ENOTDIR":
        throw new KleeneError("invalid", `a part of ${asked} is not a directory`, { cause });
      case "ENAMETOOLONG":
        throw new KleeneError("invalid", `${asked} is too long`, { cause });
      default:
        throw cause;
    }
  }
}

/**
 * The text of a regular file inside a root file system, undefined where there is none.
 * @throws KleeneError `invalid` for anything that is not a regular file of sensible size
 */
export async function readFileInRoot(root: string, path: string): Promise<string | undefined> {
  const at = await resolveInRoot(root, path);
  // O_NONBLOCK: a named pipe put there must not hold us.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(at, flags).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw new KleeneError("invalid", `cannot read ${path}`, { cause: error });
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat().then((stat) => {
      if (stat.isFile()) return stat;
      throw new KleeneError("invalid", `${path} is not a regular file`);
    });
    if (size > MAX_FILE_SIZE) throw new KleeneError("invalid", `${path} is too large`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
