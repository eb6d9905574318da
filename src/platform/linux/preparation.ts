import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { release as kernelRelease } from "node:os";
import type { HostFact } from "../../contract/system.ts";
import type { Exec, Executor } from "../../host/exec.ts";
import { type OsRelease, parseOsRelease, usesApt } from "../../host/os-release/os-release.ts";
import { readMounts } from "../../host/proc/mounts.ts";
import type { Check, Preparation, PreparationOptions } from "../preparation.ts";
import { prepareStorage, type Storage, wakeStorage } from "../storage-preparation.ts";
import { hostCgroupVersion } from "./cgroups.ts";
import { HOST_PROGRAMS, prepareHostPrograms, programVersion } from "./host-programs.ts";
import { prepareZfs, startZfs, zfsAnswers, zfsVersion } from "./zfs-preparation.ts";

export interface LinuxPreparationHost extends Storage {
  readonly executor: Executor;
}

/** @param place other than the usual only for tests */
export function createLinuxPreparation(
  host: LinuxPreparationHost,
  place = { poolFile: "/var/lib/kleene/pool.img" },
): Preparation {
  const { exec } = host.executor;

  async function* prepare(options: PreparationOptions): AsyncGenerator<Check> {
    const release = await hostRelease();
    const root = process.getuid?.() === 0;
    const apt = usesApt(release);
    yield root
      ? { name: "root rights", outcome: "ok", detail: "running as root" }
      : { name: "root rights", outcome: "failed", detail: "not running as root", remedy: "sudo kleene init" };
    yield { name: "system", outcome: "ok", detail: describeSystem(release, apt) };
    yield* prepareHostPrograms(exec, options, { apt, root });
    yield checkCgroups();
    if (!root) {
      for (const name of ["ZFS", "pool", "root dataset"]) {
        yield { name, outcome: "failed", detail: "needs root rights" };
      }
      return;
    }
    const zfs = await prepareZfs(host, options, { apt });
    yield zfs;
    if (zfs.outcome === "failed") {
      for (const name of ["pool", "root dataset"]) yield { name, outcome: "failed", detail: "needs ZFS" };
    } else if (zfs.outcome === "planned") {
      yield { name: "pool", outcome: "planned", detail: "look for a pool, or create one" };
      yield { name: "root dataset", outcome: "planned", detail: `create ${options.rootDataset}` };
    } else {
      yield* prepareStorage(host, options, place);
    }
  }

  async function wake(rootDataset: string): Promise<void> {
    if (existsSync(place.poolFile) && !(await zfsAnswers(host.zpool))) await startZfs(host);
    await wakeStorage(host, rootDataset, place);
    await shareMounts(exec, [`${rootDataset}/image`, `${rootDataset}/container`]);
  }

  async function facts(): Promise<readonly HostFact[]> {
    const [release, zfs, ...programs] = await Promise.all([
      hostRelease(),
      zfsVersion(exec),
      ...HOST_PROGRAMS.map((program) => programVersion(exec, program)),
    ]);
    return [
      { name: "system", value: release.prettyName },
      { name: "kernel", value: `Linux ${kernelRelease()}` },
      { name: "ZFS", value: zfs },
      ...HOST_PROGRAMS.map(({ name }, index) => ({ name, value: programs[index] ?? "not installed" })),
      { name: "cgroups", value: hostCgroupVersion() ?? "none" },
    ];
  }

  return { prepare, wake, facts };
}

/**
 * A jail that is being made ready has a copy of each of the host's mounts. Below a shared one, what the host unmounts
 * goes from the copies, too; else no dataset could be destroyed meanwhile. mount_namespaces(7)
 */
async function shareMounts(exec: Exec, datasets: readonly string[]): Promise<void> {
  for (const { source, mountpoint } of readMounts()) {
    if (datasets.includes(source)) await exec(["mount", "--make-shared", mountpoint]);
  }
}

async function hostRelease(): Promise<OsRelease> {
  return parseOsRelease(await readFile("/etc/os-release", "utf8").catch(() => ""));
}

function describeSystem({ prettyName }: OsRelease, apt: boolean): string {
  const system = `${prettyName === "" ? "an unknown distribution" : prettyName}, Linux ${kernelRelease()}`;
  return apt ? system : `${system}; its packages have to be installed by hand`;
}

function checkCgroups(): Check {
  const version = hostCgroupVersion();
  if (version !== undefined) return { name: "cgroups", outcome: "ok", detail: version };
  const remedy = "mount -t cgroup2 none /sys/fs/cgroup";
  return { name: "cgroups", outcome: "failed", detail: "no control groups are mounted", remedy };
}
