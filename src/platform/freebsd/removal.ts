import { CommandError, KleeneError } from "../../errors.ts";
import type { Executor } from "../../host/exec.ts";
import { killJail, removeJail } from "../../host/jail/jail.ts";
import { findJail } from "../../host/jls/jls.ts";
import { listMounts, unmount } from "../../host/mount/mount.ts";
import { mountsBelow } from "../../host/mount/parse.ts";
import { listJailProcesses } from "../../host/ps/ps.ts";
import { log } from "../../log.ts";
import type { JailName } from "../runtime.ts";
import { rootOfConf, withStopTimeout } from "./jail-conf.ts";
import type { JailFiles } from "./jail-files.ts";

/** What jail(8) is given beyond twice the stop's own limit: for mounts and commands on the host. Milliseconds. */
const GRACE = 60_000;

/**
 * Ends a jail by its file, which says how, and removes the file when nothing is left of the jail: no process, no mount.
 * jail(8)'s word is not trusted, the host is looked at. Does nothing for a jail without a file.
 *
 * @param timeout milliseconds for the stop command, and again for SIGTERM
 * @throws KleeneError `busy` when a mount cannot be undone
 */
export async function stopJail(
  executor: Pick<Executor, "exec">,
  files: JailFiles,
  name: JailName,
  timeout: number,
): Promise<void> {
  const conf = await files.read(name);
  if (conf === undefined) return;
  await files.write(name, withStopTimeout(conf, Math.ceil(timeout / 1000)));
  try {
    await removeJail(executor, files.file(name), { lock: files.lock(name), timeout: 2 * timeout + GRACE });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (!/ not found\s*$/.test(error.stderr)) log.debug(`jail -r ${name}: ${error.message}`);
  }
  await removeRemains(executor, files, name, conf);
}

/**
 * Makes way for a new jail: of an earlier one of that name a crash may have left the file, or a jail without processes.
 * @throws KleeneError `conflict` when processes run in it
 */
export async function makeWayFor(executor: Pick<Executor, "exec">, files: JailFiles, name: JailName): Promise<void> {
  if ((await files.read(name)) === undefined) return;
  const old = await findJail(executor, files.file(name).name);
  if (old !== undefined && (await listJailProcesses(executor, old.jid)).length > 0) {
    throw new KleeneError("conflict", `the jail ${name} runs already`);
  }
  await stopJail(executor, files, name, 0);
}

/** Ends the jail of a build's instruction, in which nothing is worth waiting for. @throws KleeneError `busy` */
export async function removeBuildJail(
  executor: Pick<Executor, "exec">,
  files: JailFiles,
  name: JailName,
): Promise<void> {
  try {
    await removeJail(executor, files.file(name), { timeout: GRACE });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return await removeRemains(executor, files, name, (await files.read(name)) ?? "");
  }
  await files.remove(name);
}

async function removeRemains(
  executor: Pick<Executor, "exec">,
  files: JailFiles,
  name: JailName,
  conf: string,
): Promise<void> {
  const { name: kernelName } = files.file(name);
  if ((await findJail(executor, kernelName)) !== undefined) await killJail(executor, kernelName);
  const root = rootOfConf(conf);
  if (root !== undefined) await unmountBelow(executor, root);
  await files.remove(name);
}

/** A user's own file systems of ZFS, which may be mounted below the root, are not ours to unmount. */
async function unmountBelow(executor: Pick<Executor, "exec">, root: string): Promise<void> {
  for (const { mountpoint, type } of mountsBelow(await listMounts(executor), root)) {
    if (type === "zfs") continue;
    try {
      await unmount(executor, mountpoint);
    } catch {
      await unmount(executor, mountpoint, true).catch((cause: unknown) => {
        throw new KleeneError("busy", `cannot unmount ${mountpoint}`, { cause });
      });
    }
  }
}
