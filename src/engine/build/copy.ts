import { chmod, chown, lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KleeneError, systemErrorCode } from "../../errors.ts";
import { resolveInRoot } from "../../host/rooted-path.ts";
import { type CopyAttributes, copyContents, copyEntry, lstatOrNothing } from "./copy-tree.ts";
import { findSources, type Source, sourceBasename } from "./sources.ts";

export interface CopyRequest extends CopyAttributes {
  readonly context: string;
  /** The root file system that is written to. No process runs in it meanwhile. */
  readonly root: string;
  readonly sources: readonly string[];
  /** An absolute path inside the root; a trailing slash makes it a directory. */
  readonly destination: string;
}

/**
 * A Dockerfile's COPY: files keep their modes and times, links inside directories stay links, a directory's contents
 * are merged into the destination. The destination is resolved inside the root, links included.
 *
 * @throws KleeneError `invalid`, `not-found`, `no-space`
 */
export async function copyIntoRoot(request: CopyRequest): Promise<void> {
  const sources = await findSources(request.context, request.sources);
  const toDirectory = request.destination.endsWith("/");
  if (sources.length > 1 && !toDirectory) {
    throw new KleeneError("invalid", "with several sources the destination must be a directory and end with a /");
  }
  try {
    for (const source of sources) await copySource(request, source, toDirectory);
  } catch (error) {
    throw copyError(error);
  }
}

async function copySource(request: CopyRequest, source: Source, toDirectory: boolean): Promise<void> {
  const destination = await resolveInRoot(request.root, request.destination);
  const from = Buffer.from(source.path);
  const stats = await lstat(from);
  if (stats.isDirectory()) {
    await makeDirectories(request, destination);
    await copyContents(request, from, Buffer.from(destination));
    return;
  }
  const intoDirectory = toDirectory || (await lstatOrNothing(destination))?.isDirectory() === true;
  const to = intoDirectory ? join(destination, sourceBasename(source)) : destination;
  await makeDirectories(request, dirname(to));
  await copyEntry(request, from, stats, Buffer.from(to));
}

/** Missing directories on the way, mode 0755, with the owner of what is copied. `path` holds no links. */
export async function makeDirectories({ owner }: Pick<CopyAttributes, "owner">, path: string): Promise<void> {
  const there = await lstatOrNothing(path);
  if (there?.isDirectory()) return;
  if (there !== undefined) throw new KleeneError("invalid", `${path} is in the way: it is not a directory`);
  await makeDirectories({ owner }, dirname(path));
  await mkdir(path);
  await chmod(path, 0o755);
  await chown(path, owner.uid, owner.gid);
}

function copyError(error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new KleeneError("no-space", "the pool is full", { cause: error });
  }
  return error;
}
