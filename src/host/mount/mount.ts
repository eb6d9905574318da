import type { Executor } from "../exec.ts";
import { type Mount, parseMounts } from "./parse.ts";

/** Everything that is mounted on a FreeBSD host: mount(8). */
export async function listMounts({ exec }: Pick<Executor, "exec">): Promise<Mount[]> {
  return parseMounts((await exec(["/sbin/mount", "-p", "--libxo", "json"])).stdout);
}

/** umount(8). @param force also while something in it is in use @throws CommandError */
export async function unmount({ exec }: Pick<Executor, "exec">, mountpoint: string, force = false): Promise<void> {
  await exec(force ? ["/sbin/umount", "-f", mountpoint] : ["/sbin/umount", mountpoint]);
}
