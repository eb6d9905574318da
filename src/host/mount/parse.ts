import * as v from "valibot";
import { parseLibxo } from "../libxo.ts";

const Mounts = v.object({
  mount: v.object({
    fstab: v.array(v.object({ device: v.string(), mntpoint: v.string(), fstype: v.string() })),
  }),
});

export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly type: string;
}

/** Reads `mount -p --libxo json` of FreeBSD, in the order in which the file systems were mounted. @throws KleeneError `internal` */
export function parseMounts(text: string): Mount[] {
  return parseLibxo("mount", Mounts, text).mount.fstab.map(({ device, mntpoint, fstype }) => ({
    device,
    mountpoint: mntpoint,
    type: fstype,
  }));
}

/** What is mounted below a directory, the last one first: the order in which it can be unmounted. */
export function mountsBelow(mounts: readonly Mount[], directory: string): Mount[] {
  return mounts.filter(({ mountpoint }) => mountpoint.startsWith(`${directory}/`)).reverse();
}
