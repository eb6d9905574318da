import { KleeneError } from "../../errors.ts";

export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly type: string;
}

/** Reads `mount -p --libxo json` of FreeBSD, in the order in which the file systems were mounted. */
export function parseMounts(text: string): Mount[] {
  const surprise = (cause?: unknown) => new KleeneError("internal", "mount wrote something unexpected", { cause });
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch (error) {
    throw surprise(error);
  }
  const fstab = (output as { mount?: { fstab?: unknown } } | null)?.mount?.fstab;
  if (!Array.isArray(fstab)) throw surprise();
  return fstab.map((entry: unknown) => {
    const { device, mntpoint, fstype } = (entry ?? {}) as Record<string, unknown>;
    if (typeof device !== "string" || typeof mntpoint !== "string" || typeof fstype !== "string") throw surprise();
    return { device, mountpoint: mntpoint, type: fstype };
  });
}

/** What is mounted below a directory, the last one first: the order in which it can be unmounted. */
export function mountsBelow(mounts: readonly Mount[], directory: string): Mount[] {
  return mounts.filter(({ mountpoint }) => mountpoint.startsWith(`${directory}/`)).reverse();
}
