import { type LinuxMount, readMounts } from "../../host/proc/mounts.ts";

/** Which control groups are mounted: `v2`, `v1`, `v1 and v2` (hybrid), or undefined. */
export function cgroupVersion(mounts: readonly Pick<LinuxMount, "type">[]): string | undefined {
  const types = new Set(mounts.map(({ type }) => type));
  const versions = [types.has("cgroup") ? "v1" : "", types.has("cgroup2") ? "v2" : ""].filter((name) => name !== "");
  return versions.length === 0 ? undefined : versions.join(" and ");
}

export function hostCgroupVersion(): string | undefined {
  return cgroupVersion(readMounts());
}
