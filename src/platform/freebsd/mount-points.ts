import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError, systemErrorCode } from "../../errors.ts";
import type { Jail } from "../runtime.ts";
import { mountsDevfs, mountsProcfs } from "./jail-conf.ts";

/**
 * Makes sure that the directories on which jail(8) is going to mount are directories of the jail's own; those that are
 * missing are made. jail(8) refuses links as well, though in words that say little to somebody who wrote an image.
 *
 * @throws KleeneError `invalid`
 */
export async function prepareMountPoints({ root, parameters }: Pick<Jail, "root" | "parameters">): Promise<void> {
  if (mountsDevfs(parameters)) await prepareDirectory(root, "dev");
  if (mountsProcfs(parameters)) await prepareDirectory(root, "proc");
}

async function prepareDirectory(root: string, name: string): Promise<void> {
  const path = join(root, name);
  const stat = await lstat(path).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (stat === undefined) {
    await mkdir(path, { mode: 0o755 });
  } else if (stat.isSymbolicLink()) {
    throw new KleeneError("invalid", `/${name} is a symbolic link in the image, nothing can be mounted there`);
  } else if (!stat.isDirectory()) {
    throw new KleeneError("invalid", `/${name} is not a directory in the image, nothing can be mounted there`);
  }
}
