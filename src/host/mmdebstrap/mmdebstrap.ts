import type { Argv } from "../exec.ts";

/** mmdebstrap(1) of a minimal userland, straight into the empty directory `root`; its progress goes to stderr. */
export function mmdebstrapArgv(options: {
  suite: string;
  root: string;
  /** Lines of sources.list(5). */
  sources: readonly string[];
  include: readonly string[];
}): Argv {
  return [
    "mmdebstrap",
    "--mode=root",
    "--format=directory",
    "--variant=minbase",
    `--include=${options.include.join(",")}`,
    // an image is snapshot when it is finished: syncing each file of a package buys nothing
    "--dpkgopt=force-unsafe-io",
    "--",
    options.suite,
    options.root,
    ...options.sources,
  ];
}
