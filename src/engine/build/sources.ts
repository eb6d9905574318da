import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { matchPattern } from "../../dockerfile/pattern.ts";
import { KleeneError } from "../../errors.ts";
import { resolveInRoot } from "../../host/rooted-path.ts";

/** Something in the build context that a COPY names. */
export interface Source {
  /** As the user knows it: relative to the context. */
  readonly name: string;
  /** Where it is, links followed: an absolute path inside the context. */
  readonly path: string;
}

/**
 * The sources of a COPY, wildcards resolved and sorted. Links are followed, and end inside the context.
 *
 * @throws KleeneError `invalid` for one that leads out of the context, `not-found` for one that matches nothing
 */
export async function findSources(context: string, patterns: readonly string[]): Promise<Source[]> {
  const found = await Promise.all(patterns.map((pattern) => findSource(context, pattern)));
  return found.flat();
}

async function findSource(context: string, pattern: string): Promise<Source[]> {
  const components = cleanComponents(pattern);
  const names = isPattern(pattern) ? await expandPattern(context, components) : [components.join("/")];
  if (names.length === 0) throw notFound(pattern);
  return await Promise.all(
    names.map(async (name) => {
      await refuseEscape(context, name);
      const path = await resolveInRoot(context, name);
      if (!(await exists(path))) throw notFound(name === "" ? pattern : name);
      return { name: name === "" ? "." : name, path };
    }),
  );
}

/** Docker drops a leading "/" and "."; ".." may not lead out. */
function cleanComponents(pattern: string): string[] {
  const cleaned: string[] = [];
  for (const component of pattern.split("/")) {
    if (component === "" || component === ".") continue;
    if (component !== "..") cleaned.push(component);
    else if (cleaned.pop() === undefined) throw outside(pattern);
  }
  return cleaned;
}

function isPattern(text: string): boolean {
  return /[*?[\\]/.test(text);
}

async function expandPattern(context: string, components: readonly string[], base = ""): Promise<string[]> {
  const [first, ...rest] = components;
  if (first === undefined) return [base];
  const directory = await resolveInRoot(context, base);
  const entries = await readdir(directory).catch(() => []);
  const matching = entries.filter((entry) => matchPattern(first, entry)).sort();
  const nested = await Promise.all(
    matching.map((entry) => expandPattern(context, rest, base === "" ? entry : `${base}/${entry}`)),
  );
  return nested.flat();
}

/**
 * A link that points out of the context would be looked up inside it, as if the context were the root. Its author
 * meant something else, so it is refused instead.
 */
async function refuseEscape(context: string, name: string): Promise<void> {
  const real = await realpath(join(context, name)).catch(() => undefined);
  if (real !== undefined && !isInside(await realpath(context), real)) throw outside(name);
}

export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way === "" || (!way.startsWith("../") && way !== ".." && !way.startsWith("/"));
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

function outside(name: string): KleeneError {
  return new KleeneError("invalid", `the source ${name} lies outside the build context`);
}

function notFound(name: string): KleeneError {
  return new KleeneError("not-found", `the source ${name} does not exist in the build context`);
}

/** The name that a source gets in a directory. */
export function sourceBasename({ name }: Source): string {
  return basename(name);
}
