import { copyFile, lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { resolveInRoot } from "../../host/rooted-path.ts";
import { newId } from "../id.ts";

/** Copies files of the host to the same paths inside a root; what lies there is replaced, a link included. */
export async function copyHostFiles(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!(await existsOnHost(file))) continue;
    const directory = await resolveInRoot(root, dirname(file));
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

async function existsOnHost(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
