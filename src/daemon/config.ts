import * as v from "valibot";
import { DEFAULT_ADDRESS } from "../client/address.ts";
import { KleeneError } from "../errors.ts";
import { type DatasetName, datasetName } from "../host/zfs/names.ts";
import type { Platform } from "../platform/platform.ts";
import { defaultConfigPath, type ListeningSocket, LogLevel, readConfigFile } from "./config-file.ts";

export const DEFAULT_ROOT = "zroot/kleene";

export interface DaemonConfig {
  readonly rootDataset: DatasetName;
  readonly sockets: readonly ListeningSocket[];
  readonly logging: boolean;
  readonly logLevel: LogLevel;
  /** For what a reboot may forget: bundles, sockets, process directories. One per root dataset. */
  readonly runDirectory: string;
}

/** What the command line said; absent is what it did not. */
export interface DaemonFlags {
  readonly config?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly root?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The daemon's configuration: the file (--config, else KLEENE_CONFIG, else the platform's own), then KLEENE_ROOT,
 * KLEENE_LISTEN (addresses with commas between), KLEENE_LOG_LEVEL and KLEENE_RUN_DIRECTORY, then flags, the later winning.
 *
 * @throws KleeneError `invalid` that names the file and the key, the variable or the flag
 */
export function daemonConfig(
  platform: Platform["name"],
  flags: DaemonFlags = {},
  environment: Environment = process.env,
): DaemonConfig {
  const variable = (name: string) => environment[name] || undefined;
  const named = flags.config ?? variable("KLEENE_CONFIG");
  const file = readConfigFile(named ?? defaultConfigPath(platform), named !== undefined);

  const sockets = file.api_listening_sockets ?? [socket(DEFAULT_ADDRESS)];
  const addresses =
    nonEmpty(flags.hosts) ??
    nonEmpty(
      variable("KLEENE_LISTEN")
        ?.split(",")
        .map((part) => part.trim()),
    );
  const rootDataset = rootName(flags.root ?? variable("KLEENE_ROOT") ?? file.kleene_root ?? DEFAULT_ROOT);
  return {
    rootDataset,
    // An address of the file's keeps its certificates.
    sockets:
      addresses?.map((address) => sockets.find((known) => known.address === address) ?? socket(address)) ?? sockets,
    logging: file.enable_logging ?? true,
    logLevel: logLevel(variable("KLEENE_LOG_LEVEL")) ?? file.log_level ?? "info",
    runDirectory:
      variable("KLEENE_RUN_DIRECTORY") ?? file.run_directory ?? `/var/run/kleene/${rootDataset.replaceAll("/", "+")}`,
  };
}

function socket(address: string): ListeningSocket {
  return { address, tlsverify: false, insecure: false };
}

function rootName(text: string): DatasetName {
  try {
    return datasetName(text);
  } catch (cause) {
    throw new KleeneError("invalid", "cannot use the root dataset", { cause });
  }
}

function logLevel(text: string | undefined): LogLevel | undefined {
  if (text === undefined) return undefined;
  const result = v.safeParse(LogLevel, text);
  if (result.success) return result.output;
  throw new KleeneError("invalid", `KLEENE_LOG_LEVEL is one of ${LogLevel.options.join(", ")}, not ${text}`);
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
