import type { PoolName } from "./names.ts";

export interface Pool {
  readonly name: string;
  /** In bytes, rounded by zpool(8) to about three digits where it knows no exact numbers. */
  readonly size: number;
  readonly free: number;
  /** `ONLINE`, `DEGRADED`, `FAULTED`, `UNAVAIL` ... as zpool(8) writes it. */
  readonly health: string;
  readonly altroot: string | undefined;
}

export interface CreatePoolOptions {
  /** Where the pool's own dataset is mounted: an absolute path or `none`. Default: `/<name>`. */
  readonly mountpoint?: string;
  /** File system properties of the pool's own dataset: `atime: "off"`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Pool properties: `cachefile: "none"`. */
  readonly poolProperties?: Readonly<Record<string, string>>;
}

/**
 * zpool(8), on OpenZFS and on zfs-fuse alike.
 *
 * Errors are KleeneErrors with the codes of `Zfs`, the CommandError as their cause. `unavailable`: no ZFS is running.
 */
export interface Zpool {
  /** The pools that are imported now. */
  list(): Promise<readonly Pool[]>;
  exists(name: PoolName): Promise<boolean>;
  /**
   * Makes a pool of whole devices or of files, given as absolute paths. A file must exist: see `createPoolFile`.
   * @throws KleeneError `conflict` when the pool exists or a vdev belongs to a pool already
   */
  create(name: PoolName, vdevs: readonly string[], options?: CreatePoolOptions): Promise<void>;
  /** With everything in it, mounted or not; tries again, for a bounded time, while it is busy. */
  destroy(name: PoolName): Promise<void>;
  /**
   * `directory`: where to look for the pool's files or devices, instead of the system's devices.
   * @throws KleeneError `conflict` when it is imported already, and when it is now but not all in it could be mounted
   */
  import(name: PoolName, options?: { directory?: string }): Promise<void>;
  export(name: PoolName): Promise<void>;
}
