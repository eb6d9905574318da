import type { Argv } from "../exec.ts";

/** debootstrap(8) of a minimal userland into the directory `root`; it knows one mirror only. */
export function debootstrapArgv(options: {
  suite: string;
  root: string;
  mirror: string;
  keyring: string;
  components: readonly string[];
  include: readonly string[];
}): Argv {
  return [
    "debootstrap",
    "--variant=minbase",
    `--include=${options.include.join(",")}`,
    `--components=${options.components.join(",")}`,
    ...(options.keyring === "" ? [] : [`--keyring=${options.keyring}`]),
    options.suite,
    options.root,
    options.mirror,
  ];
}
