import { mkdirSync } from "node:fs";
import { type ApiServer, createApiServer } from "../api/server.ts";
import type { Engine } from "../engine/engine.ts";
import { timestamp } from "../engine/id.ts";
import { openEngine } from "../engine/open.ts";
import { describeError, KleeneError } from "../errors.ts";
import { executor } from "../host/exec.ts";
import { createZfs } from "../host/zfs/create-zfs.ts";
import { createZpool } from "../host/zpool/create-zpool.ts";
import { log } from "../log.ts";
import { platformName, selectPlatform } from "../platform/select.ts";
import { VERSION_INFO } from "../version.ts";
import { type DaemonConfig, type DaemonFlags, daemonConfig } from "./config.ts";
import { LOG_LEVELS } from "./config-file.ts";
import { EndOfDaemon } from "./ending.ts";
import { giveBackMemoryWhenIdle } from "./idle-memory.ts";
import { claim, type Listener, listen, planListener } from "./listeners.ts";
import { shutDown } from "./shutdown.ts";

export interface DaemonOptions extends DaemonFlags {
  /** Seconds without activity after which the daemon ends; absent: never. */
  readonly idleTimeout?: number;
}

/** The exit status of a daemon that could not start. */
const CANNOT_START = 125;

/**
 * Runs the daemon until it is told to end, and ends the process then. Resolves only when it could not start; the reason
 * has been written to stderr.
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  using end = new EndOfDaemon();
  await using resources = new AsyncDisposableStack();
  let daemon: Daemon;
  try {
    daemon = await start(options, resources);
  } catch (error) {
    process.stderr.write(`kleene: ${describeError(error)}\n`);
    return CANNOT_START;
  }
  if (options.idleTimeout !== undefined) end.watchIdleness(daemon.engine.activity, options.idleTimeout);
  resources.use(giveBackMemoryWhenIdle(daemon.engine.activity));
  const ending = await end.reached;
  log.info(`shutting down: ${ending.why}`);
  await shutDown(daemon.engine, daemon.api, daemon.listeners, ending);
  await resources.disposeAsync();
  // The containers' processes are our children, too; waiting for them must not keep us.
  process.exit(ending.status);
}

interface Daemon {
  readonly engine: Engine;
  readonly api: ApiServer;
  readonly listeners: readonly Listener[];
}

async function start(options: DaemonOptions, resources: AsyncDisposableStack): Promise<Daemon> {
  if (process.getuid?.() !== 0) throw new KleeneError("permission", "the daemon needs root rights");
  const started = timestamp();
  const config = daemonConfig(platformName(), options);
  log.level = config.logging ? LOG_LEVELS[config.logLevel] : Number.NEGATIVE_INFINITY;
  const plans = config.sockets.map(planListener);
  // A working directory in a dataset would keep it busy.
  process.chdir("/");
  process.umask(0o022);

  for (const plan of plans) resources.use(await claim(plan));
  const engine = resources.use(await prepareEngine(config));
  const api = createApiServer(engine, { daemon: VERSION_INFO, pid: process.pid, started });
  const listeners = plans.map((plan) => {
    const listener = listen(plan, api);
    resources.defer(() => listener.cut());
    return listener;
  });
  log.info(`ready on ${plans.map(({ address }) => address.text).join(", ")}, with ${config.rootDataset}`);
  return { engine, api, listeners };
}

async function prepareEngine({ rootDataset, runDirectory }: DaemonConfig): Promise<Engine & AsyncDisposable> {
  const zfs = createZfs(executor);
  const zpool = createZpool(executor);
  const platform = selectPlatform({ executor, zfs, zpool, runDirectory, selfExecutable: process.execPath });
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  await platform.preparation.wake(rootDataset);
  // The database holds what users put into their containers' environments.
  const before = process.umask(0o077);
  try {
    return await openEngine({ executor, zfs, zpool, platform, rootDataset });
  } finally {
    process.umask(before);
  }
}
