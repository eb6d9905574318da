import { executor } from "../host/exec.ts";
import { createZfs } from "../host/zfs/create-zfs.ts";
import { createZpool } from "../host/zpool/create-zpool.ts";
import type { Zpool } from "../host/zpool/zpool.ts";
import type { Platform } from "../platform/platform.ts";
import type { Check } from "../platform/preparation.ts";
import { platformName, selectPlatform } from "../platform/select.ts";
import { DEFAULT_ROOT, daemonConfig } from "./config.ts";
import { defaultConfigPath } from "./config-file.ts";
import { rememberRoot } from "./remember-root.ts";

export interface InitOptions {
  /** The pool to use, or a dataset in it; without it, what the configuration says. */
  readonly pool?: string;
  /** Bytes of a new pool's file. */
  readonly poolSize?: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly install: boolean;
  readonly config?: string;
}

const DEFAULT_POOL_SIZE = 20 * 2 ** 30;

/**
 * `kleene init`: prepares the host, reports each check as it is done, and writes the configuration where the root
 * dataset is not the usual one. True when nothing failed.
 *
 * @param ask is called only for a user at a terminal who did not say `--yes`
 * @throws KleeneError `invalid` for a wrong configuration or pool name
 */
export async function runInit(
  options: InitOptions,
  report: (check: Check) => void,
  ask: (question: string) => Promise<boolean>,
): Promise<boolean> {
  const name = platformName();
  const flags = { config: options.config };
  const chosen = options.pool === undefined ? {} : { root: rootDatasetIn(options.pool) };
  const { rootDataset: asked, runDirectory } = daemonConfig(name, { ...flags, ...chosen });
  const zpool = createZpool(executor);
  const zfs = createZfs(executor);
  const platform = selectPlatform({ executor, zfs, zpool, runDirectory, selfExecutable: process.execPath });

  const free = options.pool === undefined && asked === DEFAULT_ROOT;
  const rootDataset = free ? await usualRoot(platform, zpool, options.dryRun) : asked;
  let well = true;
  const tell = (check: Check) => {
    if (check.outcome === "failed") well = false;
    report(check);
  };
  const checks = platform.preparation.prepare({
    rootDataset,
    poolSize: options.poolSize ?? DEFAULT_POOL_SIZE,
    install: options.install,
    dryRun: options.dryRun,
    confirm: async (question) => options.yes || (process.stdin.isTTY === true && (await ask(question))),
  });
  for await (const check of checks) tell(check);
  if (well) {
    const variable = process.env.KLEENE_ROOT;
    const path = options.config ?? (process.env.KLEENE_CONFIG || defaultConfigPath(name));
    const configured = daemonConfig(name, flags).rootDataset;
    tell(await rememberRoot(rootDataset, { configured, path, variable }, options.dryRun));
  }
  return well;
}

function rootDatasetIn(pool: string): string {
  return pool.includes("/") ? pool : `${pool}/kleene`;
}

/** Where nobody chose: in the pool `zroot`; where there is no such pool but one other, in that one. */
async function usualRoot(platform: Platform, zpool: Zpool, dryRun: boolean): Promise<string> {
  const pools = async () => (await zpool.list().catch(() => [])).map((pool) => pool.name);
  const usual = DEFAULT_ROOT.split("/")[0] ?? "";
  let names = await pools();
  if (!names.includes(usual) && !dryRun) {
    // a pool of Kleene's own that a reboot left behind comes before other people's
    await platform.preparation.wake(DEFAULT_ROOT).catch(() => undefined);
    names = await pools();
  }
  const [only] = names;
  return names.length === 1 && only !== undefined && only !== usual ? `${only}/kleene` : DEFAULT_ROOT;
}
