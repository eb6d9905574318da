import { KleeneError } from "../errors.ts";
import { readFileInRoot } from "../host/rooted-path.ts";

/** What a process runs as. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, without `gid`. */
  readonly groups: readonly number[];
  readonly home: string;
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const MAX_ID = 2 ** 31 - 1;

/**
 * Looks a user up in the root's own /etc/passwd and /etc/group: "" (root), `name` or `uid`, each with or without
 * `:group` (a name or a gid), as Docker's USER. Digits are always a number. A number that passwd does not know is
 * taken as it is, with gid 0. An explicit group replaces the user's own, the supplementary ones included.
 *
 * @throws KleeneError `invalid` for a name that is not there
 */
export async function resolveUser(root: string, user: string): Promise<ResolvedUser> {
  const passwd = parsePasswd((await readFileInRoot(root, "/etc/passwd")) ?? "");
  const group = parseGroup((await readFileInRoot(root, "/etc/group")) ?? "");
  return findUser(passwd, group, user);
}

/** @throws KleeneError `invalid` */
export function findUser(passwd: readonly PasswdEntry[], group: readonly GroupEntry[], user: string): ResolvedUser {
  const colon = user.indexOf(":");
  const userPart = (colon < 0 ? user : user.slice(0, colon)) || "0";
  const groupPart = colon < 0 ? "" : user.slice(colon + 1);
  const number = parseId(userPart, user);
  const entry = passwd.find((each) => (number === undefined ? each.name === userPart : each.uid === number));
  const uid = entry?.uid ?? number;
  if (uid === undefined) throw new KleeneError("invalid", `there is no user "${userPart}" in the image`);
  const home = entry?.home || "/";
  if (groupPart !== "") return { uid, gid: findGroup(group, groupPart, user), groups: [], home };
  const gid = entry?.gid ?? 0;
  const memberOf = group.filter((each) => entry !== undefined && each.members.includes(entry.name));
  const groups = [...new Set(memberOf.map((each) => each.gid))].filter((each) => each !== gid);
  return { uid, gid, groups, home };
}

function findGroup(group: readonly GroupEntry[], name: string, user: string): number {
  const gid = parseId(name, user) ?? group.find((each) => each.name === name)?.gid;
  if (gid === undefined) throw new KleeneError("invalid", `there is no group "${name}" in the image (user "${user}")`);
  return gid;
}

function parseId(text: string, user: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id > MAX_ID) throw new KleeneError("invalid", `the number ${text} in the user "${user}" is too large`);
  return id;
}

/** passwd(5); lines that are not an entry are skipped, as getpwent(3) does. */
export function parsePasswd(text: string): PasswdEntry[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home = ""] = line.split(":");
    if (!name || !isId(uid) || !isId(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home }];
  });
}

/** group(5); lines that are not an entry are skipped. */
export function parseGroup(text: string): GroupEntry[] {
  return text.split("\n").flatMap((line) => {
    const [name, , gid, members = ""] = line.split(":");
    if (!name || !isId(gid)) return [];
    return [{ name, gid: Number(gid), members: members.split(",").map((member) => member.trim()) }];
  });
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text) && Number(text) <= MAX_ID;
}
