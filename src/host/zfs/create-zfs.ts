import { CommandError } from "../../errors.ts";
import type { Argv, ExecOptions, Executor } from "../exec.ts";
import { BUSY_PAUSES, whileBusy } from "./busy.ts";
import { copySnapshot } from "./copy.ts";
import { isBusy, zfsError, zfsErrorCode } from "./errors.ts";
import { changingMounts } from "./fuse.ts";
import { mountAll, unmountTree } from "./mounted-tree.ts";
import { type DatasetName, parseSnapshotName, type SnapshotName } from "./names.ts";
import { parseList, parseProperties } from "./parse.ts";
import { assignments, checkPropertyNames, propertyFlags } from "./properties.ts";
import type { ListOptions, Zfs } from "./zfs.ts";

/** Milliseconds for what frees or moves many blocks; everything else has the executor's own limit. */
const SLOW = 15 * 60 * 1000;

/**
 * zfs(8) by an executor.
 *
 * @param options.pauses milliseconds before each further attempt at something busy
 * @param options.changeMounts is put around what mounts or unmounts; another only where no ZFS is called
 */
export function createZfs(executor: Executor, { pauses = BUSY_PAUSES, changeMounts = changingMounts } = {}): Zfs {
  async function run(what: string, argv: Argv, options: Pick<ExecOptions, "timeout" | "keep"> = {}): Promise<string> {
    try {
      return (await executor.exec(argv, options)).stdout;
    } catch (error) {
      throw zfsError(what, error);
    }
  }

  /** For what makes a dataset and mounts it: when only the mount fails, the dataset goes again. */
  async function runMaking(what: string, argv: Argv, dataset: DatasetName): Promise<void> {
    try {
      await changeMounts(dataset, (keep) => run(what, argv, { keep }));
    } catch (error) {
      if (isUnmountable(error)) await zfs.destroy(dataset);
      throw error;
    }
  }

  const zfs: Zfs = {
    async create(dataset, { properties, parents = false } = {}) {
      const flags = propertyFlags("-o", properties);
      const what = `cannot create dataset ${dataset}`;
      // With -p, an existing dataset would be no error.
      const made = parents && !(await zfs.exists(dataset)) ? ["-p"] : [];
      await runMaking(what, ["zfs", "create", ...made, ...flags, dataset], dataset);
    },

    async destroy(target, { recursive = false } = {}) {
      const argv: Argv = ["zfs", "destroy", ...(recursive ? ["-r"] : []), target];
      const destroy = (keep: readonly number[]) => run(`cannot destroy ${target}`, argv, { timeout: SLOW, keep });
      if (target.includes("@")) return void (await whileBusy(pauses, () => destroy([])));
      const attempt = () => changeMounts(target, destroy);
      const dataset = target as DatasetName;
      // `destroy -r` takes the snapshots away before it finds out that the dataset is in use: unmount it first.
      const unmounted = recursive ? await unmountTree(zfs, dataset) : [dataset];
      try {
        await whileBusy(pauses, attempt);
      } catch (error) {
        if (recursive || isBusy(error)) await mountAll(zfs, unmounted);
        throw error;
      }
    },

    async snapshot(snapshot, properties) {
      await run(`cannot take snapshot ${snapshot}`, ["zfs", "snapshot", ...propertyFlags("-o", properties), snapshot]);
    },

    async clone(origin, dataset, properties) {
      const argv: Argv = ["zfs", "clone", ...propertyFlags("-o", properties), origin, dataset];
      await runMaking(`cannot clone ${origin} to ${dataset}`, argv, dataset);
    },

    async rename(from, to) {
      const attempt = () =>
        changeMounts(from, (keep) =>
          run(`cannot rename dataset ${from} to ${to}`, ["zfs", "rename", from, to], { timeout: SLOW, keep }),
        );
      try {
        return void (await attempt());
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      // zfs-fuse never renames what is mounted.
      const unmounted = await unmountTree(zfs, from);
      try {
        await whileBusy(pauses, attempt);
      } catch (error) {
        await mountAll(zfs, unmounted);
        throw error;
      }
      for (const dataset of unmounted) await zfs.mount((to + dataset.slice(from.length)) as DatasetName);
    },

    async promote(dataset) {
      await run(`cannot promote dataset ${dataset}`, ["zfs", "promote", dataset], { timeout: SLOW });
    },

    async rollback(snapshot) {
      const attempt = () =>
        changeMounts(parseSnapshotName(snapshot).dataset, (keep) =>
          run(`cannot roll back to snapshot ${snapshot}`, ["zfs", "rollback", snapshot], { timeout: SLOW, keep }),
        );
      await whileBusy(pauses, attempt);
    },

    async mount(dataset) {
      // zfs-fuse says busy for a moment after an unmount.
      const attempt = () =>
        changeMounts(dataset, (keep) => run(`cannot mount dataset ${dataset}`, ["zfs", "mount", dataset], { keep }));
      try {
        await whileBusy(pauses, attempt);
      } catch (error) {
        if (!said(error).includes("already mounted")) throw error;
      }
    },

    async unmount(dataset) {
      const attempt = () =>
        changeMounts(dataset, (keep) =>
          run(`cannot unmount dataset ${dataset}`, ["zfs", "unmount", dataset], { keep }),
        );
      try {
        await whileBusy(pauses, attempt);
      } catch (error) {
        if (!said(error).includes("not currently mounted")) throw error;
      }
    },

    async get(target, properties) {
      checkPropertyNames(properties);
      if (properties.length === 0) return (await zfs.exists(target)) ? {} : undefined;
      const argv: Argv = ["zfs", "get", "-Hp", "-o", "property,value,source", properties.join(","), target];
      const text = await unlessAbsent(run(`cannot read the properties of ${target}`, argv));
      return text === undefined ? undefined : parseProperties(text);
    },

    async set(target, properties) {
      // zfs-fuse takes one property per call.
      for (const assignment of assignments(properties)) {
        await run(`cannot set properties of dataset ${target}`, ["zfs", "set", assignment, target]);
      }
    },

    async exists(target) {
      const argv: Argv = ["zfs", "list", "-H", "-o", "name", target];
      return (await unlessAbsent(run(`cannot look for ${target}`, argv))) !== undefined;
    },

    async list(target, { types = ["filesystem"], properties = [], depth }: ListOptions = {}) {
      checkPropertyNames(properties);
      const levels = depth === undefined ? ["-r"] : ["-d", String(Math.trunc(depth))];
      const columns = ["name", ...properties].join(",");
      const argv: Argv = ["zfs", "list", "-H", ...levels, "-t", types.join(","), "-o", columns, target];
      return parseList(await run(`cannot list dataset ${target}`, argv), properties);
    },

    async copy(snapshot: SnapshotName, dataset: DatasetName, signal?: AbortSignal) {
      await copySnapshot(executor, zfs, snapshot, dataset, signal);
    },
  };
  return zfs;
}

async function unlessAbsent(answer: Promise<string>): Promise<string | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (zfsErrorCode(said(error)) === "not-found") return undefined;
    throw error;
  }
}

function isUnmountable(error: unknown): boolean {
  return said(error).includes("successfully created, but not mounted");
}

/** What zfs(8) printed when it failed. */
function said(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof CommandError ? cause.stderr : "";
}
