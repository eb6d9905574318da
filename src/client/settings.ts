import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import * as v from "valibot";
import { describeError, KleeneError } from "../errors.ts";
import { type Address, DEFAULT_ADDRESS, parseAddress } from "./address.ts";

export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly verify: boolean;
}

export interface ClientSettings {
  readonly address: Address;
  readonly tls: TlsSettings | undefined;
  /** Start a daemon on `address` when none answers there. */
  readonly autostart: boolean;
}

/** What the command line said; absent is what it did not. */
export interface ClientFlags {
  readonly host?: string | undefined;
  readonly tlsverify?: boolean | undefined;
  readonly tlscacert?: string | undefined;
  readonly tlscert?: string | undefined;
  readonly tlskey?: string | undefined;
  readonly autostart?: boolean | undefined;
}

const ClientFile = v.strictObject({
  host: v.optional(v.string()),
  tlsverify: v.optional(v.boolean()),
  tlscacert: v.optional(v.string()),
  tlscert: v.optional(v.string()),
  tlskey: v.optional(v.string()),
  autostart: v.optional(v.boolean()),
  /** Klee's colours; Kleene has none. */
  theme: v.optional(v.string()),
});
type ClientFile = v.InferOutput<typeof ClientFile>;

/**
 * The client's settings: the command line's, else KLEENE_HOST, KLEENE_TLSVERIFY, KLEENE_TLSCACERT ... (or Klee's KLEE_HOST,
 * KLEE_TLS_VERIFY ...), else the first of the files KLEENE_CLIENT_CONFIG or KLEE_CONFIG names, ~/.kleene/config.yaml,
 * ~/.klee/klee_config.yaml and /etc/klee/klee_config.yaml.
 *
 * A daemon is started only where nobody chose one; KLEENE_AUTOSTART=1 starts one on a chosen unix socket, too.
 *
 * @throws KleeneError `invalid`
 */
export function clientSettings(
  flags: ClientFlags,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ClientSettings {
  const file = readClientFile(environment);
  const variable = (name: string): string | undefined =>
    nonEmpty(environment[`KLEENE_${name}`]) ??
    nonEmpty(environment[`KLEE_${name}`]) ??
    nonEmpty(environment[`KLEE_${name.replace(/^TLS/, "TLS_")}`]);
  const host = flags.host ?? variable("HOST") ?? file.host;
  const address = parseAddress(host ?? DEFAULT_ADDRESS);
  const wanted = flags.autostart ?? booleanVariable("AUTOSTART", variable("AUTOSTART")) ?? file.autostart;
  return {
    address,
    tls: address.tls ? tlsSettings(flags, variable, file) : undefined,
    autostart: address.at.kind === "unix" && !address.tls && (wanted ?? host === undefined),
  };
}

function tlsSettings(
  flags: ClientFlags,
  variable: (name: string) => string | undefined,
  file: ClientFile,
): TlsSettings {
  const ca = flags.tlscacert ?? variable("TLSCACERT") ?? file.tlscacert;
  const cert = flags.tlscert ?? variable("TLSCERT") ?? file.tlscert;
  const key = flags.tlskey ?? variable("TLSKEY") ?? file.tlskey;
  if ((cert === undefined) !== (key === undefined)) {
    throw new KleeneError("invalid", "--tlscert and --tlskey need one another");
  }
  return {
    verify: flags.tlsverify ?? booleanVariable("TLSVERIFY", variable("TLSVERIFY")) ?? file.tlsverify ?? true,
    ...(ca === undefined ? {} : { ca: readSetting("the authority's certificate", ca) }),
    ...(cert === undefined ? {} : { cert: readSetting("the client's certificate", cert) }),
    ...(key === undefined ? {} : { key: readSetting("the client's key", key) }),
  };
}

function readSetting(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new KleeneError("invalid", `cannot read ${what}, ${path}`, { cause });
  }
}

function readClientFile(environment: Readonly<Record<string, string | undefined>>): ClientFile {
  const named = nonEmpty(environment.KLEENE_CLIENT_CONFIG) ?? nonEmpty(environment.KLEE_CONFIG);
  const home = nonEmpty(environment.HOME) ?? homedir();
  const usual = [`${home}/.kleene/config.yaml`, `${home}/.klee/klee_config.yaml`, "/etc/klee/klee_config.yaml"];
  const path = named ?? usual.find((candidate) => existsSync(candidate));
  if (path === undefined) return {};
  try {
    return v.parse(ClientFile, Bun.YAML.parse(readFileSync(path, "utf8")) ?? {});
  } catch (cause) {
    const problem = cause instanceof v.ValiError ? `${v.getDotPath(cause.issues[0]) ?? ""} ${cause.message}` : "";
    const why = problem === "" ? describeError(cause) : problem.trim();
    throw new KleeneError("invalid", `cannot use the client's configuration ${path}: ${why}`);
  }
}

function booleanVariable(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new KleeneError("invalid", `KLEENE_${name} is 1 or 0, not ${text}`);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
