import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describeError, errorCode } from "../../errors.ts";
import { aptKnown, installedVersion } from "../../host/apt/apt.ts";
import { type Exec, type Executor, findProgram } from "../../host/exec.ts";
import { loadModule } from "../../host/modprobe/modprobe.ts";
import { SYSTEMD_DIRECTORY, startZfsFuse } from "../../host/zfs-fuse/zfs-fuse.ts";
import type { Zpool } from "../../host/zpool/zpool.ts";
import type { Check, PreparationOptions } from "../preparation.ts";
import { installPackages } from "./host-programs.ts";

const NAME = "ZFS";

interface ZfsHost {
  readonly executor: Executor;
  readonly zpool: Zpool;
}

/** Whether any ZFS, the kernel's or zfs-fuse, answers now. */
export async function zfsAnswers(zpool: Zpool): Promise<boolean> {
  try {
    await zpool.list();
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "missing-tool" || code === "unavailable") return false;
    throw error;
  }
}

/** Gets a ZFS to answer: the kernel's if there is one, else zfs-fuse. */
export async function prepareZfs(
  host: ZfsHost,
  options: Pick<PreparationOptions, "install" | "dryRun">,
  { apt }: { apt: boolean },
): Promise<Check> {
  const { exec } = host.executor;
  if (await zfsAnswers(host.zpool)) return { name: NAME, outcome: "ok", detail: await zfsVersion(exec) };
  if (options.dryRun) return { name: NAME, outcome: "planned", detail: zfsPlan(options.install && apt) };
  try {
    const started = await startZfs(host);
    if (started) return { name: NAME, outcome: "done", detail: `started ${await zfsVersion(exec)}` };
    if (!apt) {
      return {
        name: NAME,
        outcome: "failed",
        detail: "no ZFS is installed: install OpenZFS for this kernel, or zfs-fuse",
      };
    }
    const wanted = await zfsPackage(exec);
    const remedy = `apt-get install ${wanted}`;
    if (!options.install) return { name: NAME, outcome: "failed", detail: "no ZFS is installed", remedy };
    await installPackages(exec, [wanted]);
    if (await startZfs(host)) {
      return { name: NAME, outcome: "done", detail: `installed and started ${await zfsVersion(exec)}` };
    }
    return {
      name: NAME,
      outcome: "failed",
      detail: `${wanted} is installed, and no ZFS answers`,
      remedy: "zpool list",
    };
  } catch (error) {
    return { name: NAME, outcome: "failed", detail: describeError(error) };
  }
}

function zfsPlan(mayInstall: boolean): string {
  if (findProgram("zfs-fuse") !== undefined) return "start zfs-fuse";
  return mayInstall ? "install and start a ZFS" : "load the kernel's module zfs, if it has one";
}

/** Loads the kernel's module or starts zfs-fuse. False when there is neither. */
export async function startZfs({ executor, zpool }: ZfsHost): Promise<boolean> {
  const answers = () => zfsAnswers(zpool);
  const loaded = await loadModule(executor.exec, "zfs");
  if (await answers()) return true;
  if (loaded || findProgram("zfs-fuse") === undefined) return false;
  await startZfsFuse(executor, answers, { systemd: existsSync(SYSTEMD_DIRECTORY) });
  return true;
}

/** OpenZFS's tools where the kernel has its module (Ubuntu's has), else zfs-fuse. */
async function zfsPackage(exec: Exec): Promise<string> {
  if (existsSync("/sys/module/zfs")) return "zfsutils-linux";
  const known = await aptKnown(exec, ["zfs-fuse", "zfsutils-linux"]);
  return known.has("zfsutils-linux") && !known.has("zfs-fuse") ? "zfsutils-linux" : "zfs-fuse";
}

/** `OpenZFS 2.2.4`, `zfs-fuse 0.7.0`. */
export async function zfsVersion(exec: Exec): Promise<string> {
  const module = await readFile("/sys/module/zfs/version", "utf8").catch(() => "");
  if (module !== "") return `OpenZFS ${module.trim()}`;
  const version = await installedVersion(exec, "zfs-fuse");
  if (version !== undefined) return `zfs-fuse ${version}`;
  return findProgram("zfs-fuse") === undefined ? "none" : "zfs-fuse";
}
