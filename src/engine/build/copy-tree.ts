import { constants, type Stats } from "node:fs";
import {
  chmod,
  chown,
  type FileHandle,
  lchown,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  readlink,
  rm,
  symlink,
  utimes,
} from "node:fs/promises";
import { KleeneError, systemErrorCode } from "../../errors.ts";

export interface CopyAttributes {
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Permission bits for every file and directory, instead of the sources' own. */
  readonly mode?: number | undefined;
}

/** Files of one directory that are copied at the same time. */
const CONCURRENCY = 16;
const COPY_SIZE = 256 * 1024;
const SLASH = Buffer.from("/");

/**
 * Copies what lies in the directory `from` into the existing directory `to`. Paths are bytes, since a file's name need
 * not be text. Nothing below `to` is reached through a link: one that is in the way of a file is replaced.
 */
export async function copyContents(attributes: CopyAttributes, from: Buffer, to: Buffer): Promise<void> {
  const names = await readdir(from, { encoding: "buffer" });
  for (let start = 0; start < names.length; start += CONCURRENCY) {
    await Promise.all(
      names.slice(start, start + CONCURRENCY).map(async (name) => {
        const path = child(from, name);
        await copyEntry(attributes, path, await lstat(path), child(to, name));
      }),
    );
  }
}

/** Copies one file, link or directory to exactly `to`. */
export async function copyEntry(attributes: CopyAttributes, from: Buffer, stats: Stats, to: Buffer): Promise<void> {
  const there = await lstatOrNothing(to);
  if (stats.isDirectory()) return await copyDirectory(attributes, from, stats, to, there);
  if (there?.isDirectory()) throw new KleeneError("invalid", `cannot copy a file over the directory ${to}`);
  if (there !== undefined) await rm(to);
  const { uid, gid } = attributes.owner;
  if (stats.isSymbolicLink()) {
    await symlink(await readlink(from, { encoding: "buffer" }), to);
    await lchown(to, uid, gid);
    await lutimes(to, stats.atime, stats.mtime);
  } else if (stats.isFile()) {
    await copyFile(from, to);
    // chown clears setuid bits, so the mode comes after it.
    await chown(to, uid, gid);
    await chmod(to, attributes.mode ?? stats.mode & 0o7777);
    await utimes(to, stats.atime, stats.mtime);
  } else {
    throw new KleeneError("invalid", `cannot copy ${from}: it is neither a file, a directory nor a symbolic link`);
  }
}

/** Whoever can write in the context may have put a link, or a pipe without an end, in the file's place since. */
async function copyFile(from: Buffer, to: Buffer): Promise<void> {
  await using source = await openSource(from);
  if (!(await source.stat()).isFile()) throw changed(from);
  await using target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  const buffer = Buffer.allocUnsafe(COPY_SIZE);
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, COPY_SIZE, null);
    if (bytesRead === 0) return;
    await target.writeFile(buffer.subarray(0, bytesRead));
  }
}

async function openSource(from: Buffer): Promise<FileHandle> {
  try {
    return await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw systemErrorCode(error) === "ELOOP" || systemErrorCode(error) === "EMLINK" ? changed(from) : error;
  }
}

function changed(from: Buffer): KleeneError {
  return new KleeneError("invalid", `cannot copy ${from}: it has changed meanwhile`);
}

async function copyDirectory(
  attributes: CopyAttributes,
  from: Buffer,
  stats: Stats,
  to: Buffer,
  there: Stats | undefined,
): Promise<void> {
  if (there !== undefined && !there.isDirectory()) {
    throw new KleeneError("invalid", `cannot copy a directory over ${to}, which is none`);
  }
  if (there === undefined) await mkdir(to, { mode: 0o700 });
  await copyContents(attributes, from, to);
  if (there !== undefined) return;
  await chown(to, attributes.owner.uid, attributes.owner.gid);
  await chmod(to, attributes.mode ?? stats.mode & 0o7777);
  await utimes(to, stats.atime, stats.mtime);
}

function child(directory: Buffer, name: Uint8Array): Buffer {
  return Buffer.concat([directory, SLASH, name]);
}

export async function lstatOrNothing(path: string | Buffer): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
