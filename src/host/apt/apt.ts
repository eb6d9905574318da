import { CLEAN_ENV, type Exec, type ExecOptions } from "../exec.ts";

const ENVIRONMENT = {
  ...CLEAN_ENV,
  DEBIAN_FRONTEND: "noninteractive",
  NEEDRESTART_MODE: "l",
};

// Another apt at work (unattended upgrades after boot, say) is waited for.
const COMMON = ["-q", "-o", "DPkg::Lock::Timeout=120"] as const;
const TIMEOUT = 15 * 60_000;

/** Fetches the lists of packages: apt-get(8) update. */
export async function aptUpdate(exec: Exec, options: Pick<ExecOptions, "onOutput" | "signal"> = {}): Promise<void> {
  await exec(["apt-get", ...COMMON, "update"], { ...options, env: ENVIRONMENT, timeout: TIMEOUT });
}

/** Installs packages without their recommendations; refuses when that would remove others. */
export async function aptInstall(
  exec: Exec,
  packages: readonly string[],
  options: Pick<ExecOptions, "onOutput" | "signal"> = {},
): Promise<void> {
  const argv = ["apt-get", ...COMMON, "-y", "--no-install-recommends", "--no-remove", "install", ...packages] as const;
  await exec(argv, { ...options, env: ENVIRONMENT, timeout: TIMEOUT });
}

/** Those of `packages` that the fetched lists offer for installation. */
export async function aptKnown(exec: Exec, packages: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await exec(["apt-cache", "policy", ...packages]);
  return new Set(parseCandidates(stdout));
}

/** The names of the packages in apt-cache(8) policy's output that have a candidate. */
export function parseCandidates(output: string): string[] {
  const names: string[] = [];
  let name = "";
  for (const line of output.split("\n")) {
    const heading = /^(\S+):$/.exec(line);
    if (heading?.[1] !== undefined) name = heading[1];
    else if (/^ {2}Candidate: (?!\(none\))/.test(line) && name !== "") names.push(name);
  }
  return names;
}

/** The version of an installed package, or undefined. */
export async function installedVersion(exec: Exec, name: string): Promise<string | undefined> {
  try {
    const { stdout } = await exec(["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version}", name]);
    const [status, version] = stdout.split(" ");
    return status === "installed" ? version : undefined;
  } catch {
    return undefined;
  }
}
