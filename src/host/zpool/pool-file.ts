import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { KleeneError, systemErrorCode } from "../../errors.ts";

/**
 * Makes the sparse file behind a new pool, and its directory. `size` is in bytes.
 *
 * @throws KleeneError `conflict` when the file exists
 */
export async function createPoolFile(path: string, size: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    if (systemErrorCode(cause) !== "EEXIST") throw cause;
    throw new KleeneError("conflict", `the file ${path} exists already`, { cause });
  });
  try {
    await file.truncate(size);
  } catch (cause) {
    await rm(path, { force: true });
    throw new KleeneError("no-space", `cannot make the file ${path} ${size} bytes long`, { cause });
  } finally {
    await file.close();
  }
}
