import { KleeneError } from "../../errors.ts";

/**
 * The SHA-256 checksum of a distribution file in a release's MANIFEST, whose lines are file, checksum, number of
 * files, name, description and default, separated by tabs.
 * @throws KleeneError `invalid` when the file is not there or its checksum is none
 */
export function manifestChecksum(manifest: string, file: string): string {
  const fields = manifest.split("\n").map((line) => line.split("\t"));
  const checksum = fields.find(([name]) => name === file)?.[1];
  if (checksum === undefined) throw new KleeneError("invalid", `the release's MANIFEST has no ${file}`);
  if (!/^[0-9a-f]{64}$/.test(checksum))
    throw new KleeneError("invalid", `the release's MANIFEST has no checksum of ${file}`);
  return checksum;
}
