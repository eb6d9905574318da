import { readFile } from "node:fs/promises";

/** Which control groups a host has, read from proc_mounts(5): `v2`, `v1`, `v1 and v2` (hybrid), or undefined. */
export function cgroupVersion(mounts: string): string | undefined {
  const types = new Set(mounts.split("\n").map((line) => line.split(" ")[2]));
  const versions = [types.has("cgroup") ? "v1" : "", types.has("cgroup2") ? "v2" : ""].filter((name) => name !== "");
  return versions.length === 0 ? undefined : versions.join(" and ");
}

export async function hostCgroupVersion(): Promise<string | undefined> {
  return cgroupVersion(await readFile("/proc/self/mounts", "utf8"));
}
