/** Where an image comes from whose userland matches the host. */
export interface BaseUserland {
  /** How `--autotag` names it: `FreeBSD:14.1-RELEASE`, `debian:bookworm`. */
  nametag(): Promise<{ name: string; tag: string }>;

  /**
   * Puts the userland into the empty directory `root`, verified against the release's own checksums or signatures.
   * @param progress receives text for the user, as it comes
   * @throws KleeneError `unavailable` when the mirror does not answer, `invalid` when a checksum is wrong, `no-space`
   */
  install(root: string, progress: (text: string) => void, signal: AbortSignal): Promise<void>;

  /** Unmounts what an `install` that was killed may have left mounted below `root`. */
  release(root: string): Promise<void>;

  /** The command that updates a userland, run inside a jail over it: `["freebsd-update", ...]`. */
  readonly updateCommand: readonly [string, ...string[]];
  /** Parameters that the jail needs for it. */
  readonly updateParameters?: readonly string[];

  /** Files of the host that `--dns` and `--localtime` copy to the same path in the image. */
  readonly dnsFiles: readonly string[];
  readonly localtimeFiles: readonly string[];
}
