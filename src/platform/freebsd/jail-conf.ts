import { KleeneError } from "../../errors.ts";
import { kernelJailName } from "../../host/jail/name.ts";
import { quoteValue, unquoteValue } from "../../host/jail/quote.ts";
import type { Jail } from "../runtime.ts";
import { booleanOf, renderJailParameter, replaces, userParameter } from "./jail-parameters.ts";

/**
 * A `container` is stopped by its stop command, then SIGTERM, then SIGKILL; what a `build` instruction leaves running
 * is killed.
 */
export type JailKind = "container" | "build";

const DEFAULT_STOP = "/bin/sh /etc/rc.shutdown";
const DEFAULT_STOP_TIMEOUT = 10;
const DEFAULT_STOP_LINE = `  exec.stop = ${quoteValue(DEFAULT_STOP)};`;

// jail(8) mounts devfs by a shell that sees the path unquoted.
const ROOT = /^(\/[A-Za-z0-9_.:@%+=-]+)+$/;

/**
 * The jail.conf(5) of one jail: Kleene's defaults, each left out where the user gave the same parameter, then the
 * user's. @throws KleeneError `invalid`, `unsupported`
 */
export function jailConf(jail: Jail, kind: JailKind): string {
  if (!ROOT.test(jail.root)) {
    throw new KleeneError("unsupported", `jail(8) cannot use a directory of this name: ${JSON.stringify(jail.root)}`);
  }
  const given = jail.parameters.map(userParameter);
  const defaults: [name: string, line: string, replacedBy?: string[]][] = [
    ["host.hostname", `  host.hostname = ${quoteValue(jail.hostname)};`],
    ...networkDefaults(jail),
    ["mount.devfs", "  mount.devfs;"],
    ["exec.clean", "  exec.clean;"],
    ...(kind === "container" ? [["exec.stop", DEFAULT_STOP_LINE] as [string, string]] : []),
    ["stop.timeout", `  stop.timeout = ${kind === "container" ? DEFAULT_STOP_TIMEOUT : 0};`],
  ];
  const kept = defaults.filter(([name, , by = []]) => ![name, ...by].some((each) => replaces(given, each)));
  return [
    `${kernelJailName(jail.name)} {`,
    `  path = ${quoteValue(jail.root)};`,
    ...kept.map(([, line]) => line),
    ...given.filter(({ name }) => name !== "persist").map((parameter) => `  ${renderJailParameter(parameter)}`),
    "  persist;",
    "}",
    "",
  ].join("\n");
}

/** Further drivers find their place here. A jail with a network stack of its own takes no restriction of addresses. */
function networkDefaults({ networkDriver }: Jail): [string, string, string[]][] {
  const both = (value: string): [string, string, string[]][] => [
    ["ip4", `  ip4 = ${value};`, ["ip4.addr", "vnet"]],
    ["ip6", `  ip6 = ${value};`, ["ip6.addr", "vnet"]],
  ];
  switch (networkDriver) {
    case "host":
      return both("inherit");
    case "disabled":
      return both("disable");
    case "ipnet":
    case "vnet":
      throw new KleeneError("unsupported", `the network driver ${networkDriver} is not supported yet`);
  }
}

/** Whether the jail gets a devfs on its /dev. */
export function mountsDevfs(parameters: readonly string[]): boolean {
  return booleanOf(parameters.map(userParameter), "mount.devfs", true);
}

/** Whether the jail gets a procfs on its /proc. */
export function mountsProcfs(parameters: readonly string[]): boolean {
  return booleanOf(parameters.map(userParameter), "mount.procfs", false);
}

/**
 * The same jail.conf, for a stop within so many seconds: for the stop command and, again, for SIGTERM. A user's own
 * `stop.timeout` and `exec.timeout` stand. With 0 everything is killed, and Kleene's own stop command does not run.
 */
export function withStopTimeout(conf: string, seconds: number): string {
  const limit = `  stop.timeout = ${seconds};`;
  const lines = conf.split("\n").flatMap((line) => {
    if (line === DEFAULT_STOP_LINE && seconds === 0) return [];
    if (/^ {2}stop\.timeout = \d+;$/.test(line)) return [limit];
    return /^ {2}stop\.timeout = /.test(line) && seconds === 0 ? [limit] : [line];
  });
  if (lines.some((line) => /^ {2}exec\.timeout = /.test(line))) return lines.join("\n");
  return lines
    .join("\n")
    .replace(/\n {2}persist;\n}\n$/, `\n  exec.timeout = ${Math.max(seconds, 1)};\n  persist;\n}\n`);
}

/** The root of the jail that `jailConf` described; undefined for a text that is not its. */
export function rootOfConf(conf: string): string | undefined {
  const quoted = /^ {2}path = ("(?:[^"\\\n]|\\.)*");$/m.exec(conf)?.[1];
  return quoted === undefined ? undefined : unquoteValue(quoted);
}
