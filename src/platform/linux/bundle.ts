import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError } from "../../errors.ts";
import { resolveInRoot } from "../../host/rooted-path.ts";
import type { Jail, JailName, Process } from "../runtime.ts";
import { type ResolvedUser, resolveUser } from "../user.ts";
import { hostname, type LinuxJailSettings, linuxJailSettings } from "./jail-parameters.ts";
import { type KernelFeatures, networkNamespace, type OciHooks, ociSpec } from "./oci-spec.ts";

/** Where a runtime keeps what it knows of its jails; all of it is told apart by the run directory. */
export class RunDirectory {
  /** runc's own state. */
  readonly runcRoot: string;
  readonly #tag: string;
  readonly #owners = new Map<JailName, string>();

  constructor(readonly path: string) {
    this.runcRoot = join(path, "runc");
    this.#tag = createHash("sha256").update(path).digest("hex").slice(0, 8);
  }

  bundle(name: JailName): string {
    return join(this.path, `${name}.bundle`);
  }

  /** Says whose the bundle of that name is from now on. @param directory the first process's own */
  own(name: JailName, directory: string): void {
    this.#owners.set(name, directory);
  }

  /** Removes the bundle of a jail that has ended, unless the name was given to a later one by now. */
  async disown(name: JailName, directory: string): Promise<void> {
    if (this.#owners.get(name) !== directory) return;
    this.#owners.delete(name);
    await removeBundle(this.bundle(name));
  }

  cgroup(name: JailName): string {
    return `kleene-${this.#tag}-${name}`;
  }
}

/** A process that was found fit to be started: its user and working directory exist. */
export interface Plan {
  readonly jail: Jail;
  readonly process: Process;
  readonly user: ResolvedUser;
  readonly settings: LinuxJailSettings;
  /** The host's path of the root's own /dev, where the jail is to have no other. */
  readonly dev: string;
}

/** @throws KleeneError `unsupported`, `invalid` */
export function jailSettings(jail: Jail): LinuxJailSettings {
  networkNamespace(jail.networkDriver);
  const settings = linuxJailSettings(jail.parameters);
  if (settings.hostname === undefined) hostname(jail.hostname);
  return settings;
}

/** @throws KleeneError `unsupported`, `invalid` */
export async function planProcess(jail: Jail, process: Process): Promise<Plan> {
  const settings = jailSettings(jail);
  if ([...process.argv, ...process.env].some((text) => text.includes("\0"))) {
    throw new KleeneError("invalid", "a command or an environment variable cannot hold a NUL");
  }
  const [user, dev] = await Promise.all([
    resolveUser(jail.root, process.user),
    settings.devfs ? "/dev" : ownDev(jail.root),
    checkCwd(jail.root, process.cwd),
    ...MOUNT_POINTS.map((path) => checkMountPoint(jail.root, path)),
  ]);
  return { jail, process, user, settings, dev };
}

const MOUNT_POINTS = ["/dev", "/proc", "/sys"];

// runc follows a link that is the image's /dev, on the host, when it makes and removes files there.
async function checkMountPoint(root: string, path: string): Promise<void> {
  const found = await lstat(join(root, path)).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return;
  throw new KleeneError("invalid", `the image's ${path} is not a directory`);
}

// runc runs nothing without a /dev/null.
async function ownDev(root: string): Promise<string> {
  const found = await stat(await resolveInRoot(root, "/dev/null")).catch(() => undefined);
  if (found?.isCharacterDevice()) return await resolveInRoot(root, "/dev");
  throw new KleeneError("unsupported", "on Linux, the jail parameter mount.nodevfs needs a /dev/null in the image");
}

// runc would make a missing one, following links as they are then; its second process would fail instead.
async function checkCwd(root: string, cwd: string): Promise<void> {
  if (cwd === "/") return;
  if (!cwd.startsWith("/")) throw new KleeneError("invalid", `the working directory ${cwd} is not an absolute path`);
  const found = await stat(await resolveInRoot(root, cwd)).catch(() => undefined);
  if (found === undefined) throw new KleeneError("invalid", `the working directory ${cwd} does not exist`);
  if (!found.isDirectory()) throw new KleeneError("invalid", `the working directory ${cwd} is not a directory`);
}

export interface BundleOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hooks?: OciHooks;
}

/** Writes the OCI bundle, readable for root alone: it holds the environment. Returns its directory. */
export async function writeBundle(
  runDirectory: RunDirectory,
  plan: Plan,
  kernel: KernelFeatures,
  { annotations = {}, hooks }: BundleOptions,
): Promise<string> {
  const { jail } = plan;
  const bundle = runDirectory.bundle(jail.name);
  await mkdir(bundle, { recursive: true, mode: 0o700 });
  const cgroup = runDirectory.cgroup(jail.name);
  const spec = ociSpec({ ...plan, kernel, cgroup, annotations, ...(hooks === undefined ? {} : { hooks }) });
  await writeFile(join(bundle, "config.json"), JSON.stringify(spec), { mode: 0o600 });
  return bundle;
}

export async function removeBundle(bundle: string): Promise<void> {
  await rm(bundle, { recursive: true, force: true });
}

export function kernelFeatures(unified: boolean): KernelFeatures {
  return { cgroupNamespace: existsSync("/proc/self/ns/cgroup"), cgroup2: unified };
}
