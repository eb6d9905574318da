import { readFileSync } from "node:fs";
import { readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";

export interface CgroupMount {
  readonly path: string;
  readonly type: "cgroup" | "cgroup2";
  readonly options: readonly string[];
}

/** The control group hierarchies in /proc/self/mountinfo, seen from their roots. proc(5) */
export function parseCgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root, path] = left.split(" ");
    const [type, , options = ""] = right.split(" ");
    if ((type !== "cgroup" && type !== "cgroup2") || root !== "/" || path === undefined) return [];
    return [{ path, type, options: options.split(",") }];
  });
}

/**
 * The hierarchies that jails are members of. Each jail is one group at the top of each, which the kernel keeps a list
 * of processes for: the one sure way to tell a jail's processes, whatever numbers were given out since.
 */
export class JailCgroups {
  readonly #mounts: readonly CgroupMount[];
  readonly #main: CgroupMount | undefined;

  constructor(mountinfo = readFileSync("/proc/self/mountinfo", "utf8")) {
    this.#mounts = parseCgroupMounts(mountinfo);
    this.#main =
      this.#mounts.find(({ options }) => options.includes("devices")) ??
      this.#mounts.find(({ type }) => type === "cgroup2");
  }

  /** True where there is nothing but the unified hierarchy. */
  get unified(): boolean {
    return this.#mounts.length > 0 && this.#mounts.every(({ type }) => type === "cgroup2");
  }

  /** The processes in a group, by their numbers on the host; none when there is no such group. */
  async processes(group: string): Promise<number[]> {
    if (this.#main === undefined) return [];
    const text = await readFile(join(this.#main.path, group, "cgroup.procs"), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map(Number);
  }

  /** Removes an empty group wherever it is left. */
  async remove(group: string): Promise<void> {
    await Promise.all(this.#mounts.map(({ path }) => rmdir(join(path, group)).catch(() => {})));
  }
}
