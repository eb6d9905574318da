import type { DatasetName, SnapshotName } from "./names.ts";

/** ZFS properties as zfs(8) writes them; a user property has a colon in its name (`kleene:id`). */
export type Properties = Readonly<Record<string, string>>;

export interface ListedDataset {
  readonly name: string;
  /** The asked-for properties; `-` (not applicable, not set) is left out. */
  readonly properties: Properties;
}

export interface ListOptions {
  readonly types?: readonly ("filesystem" | "snapshot")[];
  readonly properties?: readonly string[];
  /** Levels below `target`; without it, all. 0 is `target` alone. */
  readonly depth?: number;
}

/**
 * zfs(8), on OpenZFS and on the older zfs-fuse alike: only what both know is used.
 *
 * Errors are KleeneErrors: `not-found`, `conflict` (exists already), `in-use` (has clones), `busy` (still after the
 * retries), `no-space`, `permission`, `missing-tool`, `unavailable` (no ZFS is running); the CommandError is the cause.
 */
export interface Zfs {
  create(dataset: DatasetName, options?: { properties?: Properties; parents?: boolean }): Promise<void>;
  /** Unmounts and destroys; tries again, for a bounded time, while the dataset is busy. `recursive`: with its snapshots and children. */
  destroy(target: DatasetName | SnapshotName, options?: { recursive?: boolean }): Promise<void>;
  snapshot(snapshot: SnapshotName, properties?: Properties): Promise<void>;
  clone(origin: SnapshotName, dataset: DatasetName, properties?: Properties): Promise<void>;
  /** A mounted file system is unmounted for it where ZFS needs that, and mounted again. */
  rename(from: DatasetName, to: DatasetName): Promise<void>;
  /** Makes the clone independent: its origin and all older snapshots of the origin's dataset become its own. */
  promote(dataset: DatasetName): Promise<void>;
  rollback(snapshot: SnapshotName): Promise<void>;
  mount(dataset: DatasetName): Promise<void>;
  unmount(dataset: DatasetName): Promise<void>;

  /** Exact (`-p`) values; undefined when there is no such dataset. Unset properties are left out. */
  get(target: DatasetName | SnapshotName, properties: readonly string[]): Promise<Properties | undefined>;
  set(target: DatasetName, properties: Properties): Promise<void>;
  exists(target: DatasetName | SnapshotName): Promise<boolean>;
  /** `target` and what lies below it, in ZFS's order. @throws KleeneError `not-found` */
  list(target: DatasetName, options?: ListOptions): Promise<readonly ListedDataset[]>;

  /** Copies a snapshot into a new dataset (send | receive), without going through memory of ours. */
  copy(snapshot: SnapshotName, dataset: DatasetName, signal?: AbortSignal): Promise<void>;
}
