import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { downloadFile } from "../../host/download.ts";
import type { Executor } from "../../host/exec.ts";
import { userlandVersion } from "../../host/freebsd-version/freebsd-version.ts";
import { readSysctls } from "../../host/sysctl/sysctl.ts";
import { extractArchive } from "../../host/tar/extract.ts";
import type { BaseUserland } from "../base-userland.ts";
import { manifestChecksum } from "./manifest.ts";

const MIRROR = "https://download.freebsd.org";
const ARCHIVE = "base.txz";
const MEGABYTE = 1_000_000;

export interface BaseUserlandOptions {
  /** Another server with FreeBSD's `releases` and `snapshots`. */
  readonly mirror?: string;
}

/** The `base.txz` of the host's own release. */
export function createFreeBsdBaseUserland(
  executor: Executor,
  { mirror = MIRROR }: BaseUserlandOptions = {},
): BaseUserland {
  return {
    nametag: async () => ({ name: "FreeBSD", tag: (await userlandVersion(executor)).release }),
    // Unpacking mounts nothing.
    release: async () => {},
    install: (root, progress, signal) => install(executor, mirror, root, progress, signal),
    // Its pager would wait for a terminal.
    updateCommand: ["/usr/bin/env", "PAGER=cat", "freebsd-update", "--not-running-from-cron", "fetch", "install"],
    // It takes the system immutable flag off the files that it replaces.
    updateParameters: ["allow.chflags"],
    dnsFiles: ["/etc/resolv.conf"],
    localtimeFiles: ["/etc/localtime"],
  };
}

async function install(
  executor: Executor,
  mirror: string,
  root: string,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { release } = await userlandVersion(executor);
  const [machine = "", architecture = ""] = await readSysctls(executor, ["hw.machine", "hw.machine_arch"]);
  const from = distributionUrl(mirror, { machine, architecture, release });
  // They lie in the new root, which is thrown away whole when this is interrupted.
  const manifest = join(root, ".kleene-MANIFEST");
  const archive = join(root, `.kleene-${ARCHIVE}`);
  try {
    progress(`downloading ${from}/${ARCHIVE}\n`);
    await downloadFile(`${from}/MANIFEST`, manifest, { signal });
    const sha256 = manifestChecksum(await readFile(manifest, "utf8"), ARCHIVE);
    await downloadFile(`${from}/${ARCHIVE}`, archive, { sha256, signal, onProgress: everyTenth(progress) });
    progress(`unpacking ${ARCHIVE}\n`);
    await extractArchive(executor, archive, root, signal);
  } finally {
    await rm(manifest, { force: true });
    await rm(archive, { force: true });
  }
}

/** As bsdinstall(8) finds them: what is not a release on its way lies with the snapshots. */
export function distributionUrl(
  mirror: string,
  { machine, architecture, release }: { machine: string; architecture: string; release: string },
): string {
  const kind = /-(ALPHA\d*|CURRENT|STABLE|PRERELEASE)$/.test(release) ? "snapshots" : "releases";
  return `${mirror.replace(/\/+$/, "")}/${kind}/${machine}/${architecture}/${release}`;
}

function everyTenth(progress: (text: string) => void): (done: number, total: number | null) => void {
  let last = 0;
  return (done, total) => {
    if (total === null || total === 0) return;
    const tenth = Math.floor((10 * done) / total);
    if (tenth > last) progress(`${tenth}0% of ${Math.ceil(total / MEGABYTE)} MB\n`);
    last = tenth;
  };
}
