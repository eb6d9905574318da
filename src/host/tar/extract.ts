import { CommandError, KleeneError } from "../../errors.ts";
import type { Executor } from "../exec.ts";

/**
 * Unpacks an archive (tar, plain or compressed by whatever tar(1) recognises) into a directory. Owners, modes and times
 * are kept. GNU tar and bsdtar both refuse names that lead out of the directory, also by way of a link in the archive.
 *
 * @throws KleeneError `invalid` for a corrupt archive, `no-space`, `missing-tool`, `canceled`
 */
export async function extractArchive(
  { exec }: Pick<Executor, "exec">,
  archive: string,
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await exec(["tar", "-x", "-p", "--numeric-owner", "-f", archive, "-C", directory], {
      timeout: 0,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw error instanceof CommandError ? tarError(error, archive) : error;
  }
}

function tarError(error: CommandError, archive: string): KleeneError {
  const what = `cannot unpack ${archive}`;
  if (/No space left on device|[Qq]uota exceeded|Wrote only \d+ of \d+ bytes/.test(error.stderr)) {
    return new KleeneError("no-space", `${what}: the pool is full`);
  }
  const missing = /\b(xz|zstd|bzip2|gzip|lzip|lzma): Cannot exec/.exec(error.stderr)?.[1];
  if (missing !== undefined) {
    return new KleeneError("missing-tool", `${what}: the program ${missing} is not installed`, { cause: error });
  }
  return new KleeneError("invalid", what, { cause: error });
}
