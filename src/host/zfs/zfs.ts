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
  /** `parents`: makes the missing datasets above it, too. */
  create(dataset: DatasetName, options?: { properties?: Properties; parents?: boolean }): Promise<void>;
  /**
   * Unmounts and destroys; tries again, for a bounded time, while the dataset is busy. `recursive`: with its snapshots
   * and children. What was mounted before a destroy that failed is mounted after it.
   */
  destroy(target: DatasetName | SnapshotName, options?: { recursive?: boolean }): Promise<void>;
  snapshot(snapshot: SnapshotName, properties?: Properties): Promise<void>;
  clone(origin: SnapshotName, dataset: DatasetName, properties?: Properties): Promise<void>;
  /** A mounted file system is unmounted for it where ZFS needs that, and mounted again. */
  rename(from: DatasetName, to: DatasetName): Promise<void>;
  /** Makes the clone independent: its origin and all older snapshots of the origin's dataset become its own. */
  promote(dataset: DatasetName): Promise<void>;
  /** @throws KleeneError `conflict` when the dataset has newer snapshots */
  rollback(snapshot: SnapshotName): Promise<void>;
  /** Does nothing when it is mounted. */
  mount(dataset: DatasetName): Promise<void>;
  /** Does nothing when it is not mounted; tries again, for a bounded time, while the dataset is busy. */
  unmount(dataset: DatasetName): Promise<void>;

  /**
   * Exact (`-p`) values; undefined when there is no such dataset. Unset properties are left out; a user property
   * that a dataset above it (a snapshot's dataset) has set is inherited, here and in `list`.
   */
  get(target: DatasetName | SnapshotName, properties: readonly string[]): Promise<Properties | undefined>;
  /** One after the other: when one is refused, those before it stay set. */
  set(target: DatasetName, properties: Properties): Promise<void>;
  exists(target: DatasetName | SnapshotName): Promise<boolean>;
  /** `target` and what lies below it, in ZFS's order, file systems only by default; numbers are rounded. @throws KleeneError `not-found` */
  list(target: DatasetName, options?: ListOptions): Promise<readonly ListedDataset[]>;

  /**
   * Copies a snapshot into a new dataset (send | receive), without going through memory of ours. The new dataset has
   * the snapshot, too, and no property of the old one. @throws KleeneError `canceled`; nothing is left then
   */
  copy(snapshot: SnapshotName, dataset: DatasetName, signal?: AbortSignal): Promise<void>;
}
