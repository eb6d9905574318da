import { chmod, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KleeneError } from "../../errors.ts";
import { type AptProxies, aptProxies, formatProxies } from "../../host/apt/proxy.ts";
import {
  type AptSource,
  formatSource,
  officialSources,
  parseDeb822,
  parseSourcesList,
} from "../../host/apt/sources.ts";
import { debootstrapArgv } from "../../host/debootstrap/debootstrap.ts";
import { type Argv, CLEAN_ENV, type Executor, findProgram } from "../../host/exec.ts";
import { mmdebstrapArgv } from "../../host/mmdebstrap/mmdebstrap.ts";
import { type OsRelease, parseOsRelease } from "../../host/os-release/os-release.ts";
import { unmountBelow } from "../../host/proc/mounts.ts";
import type { BaseUserland } from "../base-userland.ts";
import { runBootstrap } from "./bootstrap.ts";

const INCLUDE = ["ca-certificates"];

/** A minimal userland of the host's own Debian or Ubuntu release, from the mirrors that the host itself uses. */
export function createLinuxBaseUserland({ exec, spawn }: Executor): BaseUserland {
  return {
    updateCommand: [
      "/bin/sh",
      "-c",
      "export DEBIAN_FRONTEND=noninteractive && apt-get -q update && apt-get -q -y upgrade && apt-get clean && " +
        "rm -rf /var/lib/apt/lists/*",
    ],
    dnsFiles: ["/etc/resolv.conf"],
    localtimeFiles: ["/etc/localtime"],

    release: (root) => unmountBelow(exec, root),

    async nametag() {
      const { id, codename } = await supportedRelease();
      return { name: id, tag: codename };
    },

    async install(directory, progress, signal) {
      const release = await supportedRelease();
      const sources = officialSources(await hostSources(), release);
      const proxies = await aptProxies(exec, process.env);
      const root = await realpath(directory);
      const temporary = await mkdtemp(join(tmpdir(), "kleene-userland-"));
      try {
        const env = bootstrapEnvironment(temporary, proxies);
        await runBootstrap(spawn, bootstrapperArgv(release, root, sources), { env, progress, signal });
        await finish(root, sources, proxies);
      } finally {
        await unmountBelow(exec, root);
        await rm(temporary, { recursive: true, force: true });
      }
    },
  };
}

async function supportedRelease(): Promise<OsRelease> {
  const release = parseOsRelease(await readFile("/etc/os-release", "utf8"));
  if ((release.id === "debian" || release.id === "ubuntu") && release.codename !== "") return release;
  const name = release.prettyName === "" ? "this system" : release.prettyName;
  throw new KleeneError(
    "unsupported",
    `there is no userland to fetch for ${name}, only for releases of Debian and Ubuntu; use the method "fetch" with an archive`,
  );
}

async function hostSources(): Promise<AptSource[]> {
  const read = (path: string) => readFile(path, "utf8").catch(() => "");
  const directory = "/etc/apt/sources.list.d";
  const names = (await readdir(directory).catch(() => [])).sort();
  const sources = parseSourcesList(await read("/etc/apt/sources.list"));
  for (const name of names) {
    if (name.endsWith(".list")) sources.push(...parseSourcesList(await read(join(directory, name))));
    if (name.endsWith(".sources")) sources.push(...parseDeb822(await read(join(directory, name))));
  }
  return sources;
}

function bootstrapperArgv({ codename }: OsRelease, root: string, sources: readonly AptSource[]): Argv {
  if (findProgram("mmdebstrap") !== undefined) {
    return mmdebstrapArgv({ suite: codename, root, sources: sources.map(formatSource), include: INCLUDE });
  }
  const main = sources.find(({ suite }) => suite === codename);
  if (findProgram("debootstrap") === undefined || main === undefined) {
    throw new KleeneError(
      "missing-tool",
      "neither mmdebstrap nor debootstrap is installed: `kleene init --install` installs one",
    );
  }
  return debootstrapArgv({
    suite: codename,
    root,
    mirror: main.uri,
    keyring: main.signedBy,
    components: main.components,
    include: INCLUDE,
  });
}

function bootstrapEnvironment(temporary: string, { http, https }: AptProxies): Record<string, string> {
  return {
    ...CLEAN_ENV,
    TMPDIR: temporary,
    ...(http === "" ? {} : { http_proxy: http }),
    ...(https === "" ? {} : { https_proxy: https }),
  };
}

/** The same result from either bootstrapper: the host's mirrors and proxies, no lists, no packages, no host's names. */
async function finish(root: string, sources: readonly AptSource[], proxies: AptProxies): Promise<void> {
  await writePublic(join(root, "etc/apt/sources.list"), `${sources.map(formatSource).join("\n")}\n`);
  const configuration = formatProxies(proxies);
  if (configuration !== "") await writePublic(join(root, "etc/apt/apt.conf.d/90proxy"), configuration);
  for (const file of ["etc/resolv.conf", "etc/hostname"]) await rm(join(root, file), { force: true });
  for (const directory of ["var/lib/apt/lists", "var/cache/apt/archives"]) {
    for (const name of await readdir(join(root, directory))) {
      if (name !== "partial") await rm(join(root, directory, name), { recursive: true, force: true });
    }
  }
}

async function writePublic(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}
