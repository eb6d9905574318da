import { describeError, errorCode } from "../../errors.ts";
import { aptInstall, aptKnown, aptUpdate } from "../../host/apt/apt.ts";
import type { Argv, Exec } from "../../host/exec.ts";
import type { Check, PreparationOptions } from "../preparation.ts";

/** A program that Kleene calls on Linux, and the Debian package that brings it. */
export interface HostProgram {
  readonly name: string;
  /** Any one of them will do; prints its version on stdout or stderr. */
  readonly alternatives: readonly Argv[];
  readonly package: string;
}

export const HOST_PROGRAMS: readonly HostProgram[] = [
  { name: "runc", alternatives: [["runc", "--version"]], package: "runc" },
  { name: "nft", alternatives: [["nft", "--version"]], package: "nftables" },
  { name: "ip", alternatives: [["ip", "-V"]], package: "iproute2" },
  { name: "tar", alternatives: [["tar", "--version"]], package: "tar" },
  {
    name: "base userland",
    alternatives: [
      ["mmdebstrap", "--version"],
      ["debootstrap", "--version"],
    ],
    package: "mmdebstrap",
  },
];

/** The first line of what the first installed alternative says of itself; undefined when none is installed. */
export async function programVersion(exec: Exec, program: HostProgram): Promise<string | undefined> {
  for (const argv of program.alternatives) {
    try {
      const { stdout, stderr } = await exec(argv);
      return (stdout || stderr).trim().split("\n")[0] ?? "";
    } catch (error) {
      if (errorCode(error) !== "missing-tool") return `${argv[0]} does not work: ${describeError(error)}`;
    }
  }
  return undefined;
}

/** Checks every program, installs the missing ones in one go where that is allowed, and says how each one ended. */
export async function* prepareHostPrograms(
  exec: Exec,
  options: Pick<PreparationOptions, "install" | "dryRun">,
  host: { apt: boolean; root: boolean },
): AsyncGenerator<Check> {
  const versions = await Promise.all(HOST_PROGRAMS.map((program) => programVersion(exec, program)));
  const missing = HOST_PROGRAMS.filter((_, index) => versions[index] === undefined);
  const mayInstall = options.install && host.apt && host.root;
  let problem: unknown;
  if (missing.length > 0 && mayInstall && !options.dryRun) {
    const packages = missing.map((program) => program.package);
    problem = await installPackages(exec, packages).catch((error: unknown) => error);
  }
  for (const [index, program] of HOST_PROGRAMS.entries()) {
    const version = versions[index];
    const { name } = program;
    if (version !== undefined) {
      yield { name, outcome: "ok", detail: version };
    } else if (mayInstall && options.dryRun) {
      yield { name, outcome: "planned", detail: `install the package ${program.package}` };
    } else {
      const installed = mayInstall ? await programVersion(exec, program) : undefined;
      if (installed !== undefined) yield { name, outcome: "done", detail: `installed: ${installed}` };
      else yield { name, outcome: "failed", ...missingProgram(program, host.apt, problem) };
    }
  }
}

function missingProgram(program: HostProgram, apt: boolean, problem: unknown): Pick<Check, "detail" | "remedy"> {
  const programs = program.alternatives.map(([name]) => name).join(" or ");
  const why = problem === undefined ? "" : `: ${describeError(problem)}`;
  if (!apt) return { detail: `${programs} is not installed; install it with the system's package manager` };
  return { detail: `${programs} is not installed${why}`, remedy: `apt-get install ${program.package}` };
}

/** Installs Debian packages; fetches the lists of packages first when one of them is not known. */
export async function installPackages(exec: Exec, packages: readonly string[]): Promise<void> {
  // one repository of several that does not answer fails an update that may have served all the same
  const update = () => aptUpdate(exec).catch(() => undefined);
  const known = await aptKnown(exec, packages);
  const fresh = packages.some((name) => !known.has(name));
  if (fresh) await update();
  try {
    await aptInstall(exec, packages);
  } catch (error) {
    if (fresh) throw error;
    // lists that are too old name versions that the mirror no longer has
    await update();
    await aptInstall(exec, packages);
  }
}
