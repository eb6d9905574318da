import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { KleeneError } from "../../errors.ts";
import { resolveInRoot } from "../../host/rooted-path.ts";
import { lstatOrNothing } from "../build/copy-tree.ts";
import { newId } from "../id.ts";

/**
 * Copies files of the host to the same paths inside a root; a file or link that lies there is replaced.
 *
 * @throws KleeneError `invalid` when something else is in the way
 */
export async function copyHostFiles(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!(await existsOnHost(file))) continue;
    const directory = await resolveInRoot(root, dirname(file));
    const there = await lstatOrNothing(directory);
    if (there !== undefined && !there.isDirectory()) throw inTheWay(dirname(file));
    if ((await lstatOrNothing(join(directory, basename(file))))?.isDirectory()) throw inTheWay(file);
    await mkdir(directory, { recursive: true });
    const unfinished = join(directory, `.${basename(file)}.${newId()}`);
    try {
      await copyFile(file, unfinished);
      // rename replaces a link, it does not follow it.
      await rename(unfinished, join(directory, basename(file)));
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }
}

function inTheWay(path: string): KleeneError {
  return new KleeneError("invalid", `what the image has at ${path} cannot be replaced by the host's file`);
}

async function existsOnHost(path: string): Promise<boolean> {
  return (await lstatOrNothing(path)) !== undefined;
}
