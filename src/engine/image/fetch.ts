import { mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageCreateConfig } from "../../contract/image.ts";
import { KleeneError } from "../../errors.ts";
import { downloadFile, verifyFile, withoutPassword } from "../../host/download.ts";
import { extractArchive } from "../../host/tar/extract.ts";
import type { Engine } from "../engine.ts";
import type { Output } from "../output.ts";

/**
 * Unpacks an archive into `root`: a path of the daemon's host, `file://` or `http(s)://`. Its checksum is verified
 * before anything is unpacked.
 *
 * @throws KleeneError `invalid`, `not-found`, `unavailable`, `no-space`, `canceled`
 */
export async function fetchArchive(
  { executor, layout }: Pick<Engine, "executor" | "layout">,
  { url, sha256 }: Pick<ImageCreateConfig, "url" | "sha256">,
  root: string,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  if (!/^https?:\/\//i.test(url)) {
    const path = localPath(url);
    await requireFile(path);
    if (sha256 !== "") await verifyFile(path, sha256, signal);
    await extractArchive(executor, path, root, signal);
    return;
  }
  // Unique, so that two downloads never meet; in the pool, so that what fits as an image fits as an archive.
  const directory = await mkdtemp(join(layout.mountpoint, "download-"));
  try {
    const archive = join(directory, "archive");
    await downloadFile(url, archive, {
      signal,
      ...(sha256 === "" ? {} : { sha256 }),
      onProgress: (done, total) => output.progress({ what: `downloading ${withoutPassword(url)}`, done, total }),
    });
    output.status("unpacking the archive");
    await extractArchive(executor, archive, root, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function localPath(url: string): string {
  if (url.startsWith("/")) return url;
  if (/^file:\/\/(localhost)?\//.test(url)) return fileURLToPath(url);
  throw new KleeneError(
    "invalid",
    `"${withoutPassword(url)}" is neither an absolute path nor a file://, http:// or https:// URL`,
  );
}

async function requireFile(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    throw new KleeneError("not-found", `the archive ${path} does not exist`, { cause: error });
  }
  throw new KleeneError("invalid", `${path} is not a file`);
}
