import { KleeneError } from "../../errors.ts";
import { parseJailParameter, positiveName } from "../jail-parameter.ts";

/** What jail(8) parameters come to on Linux. */
export interface LinuxJailSettings {
  /** Replaces the jail's own. */
  readonly hostname?: string;
  /** `allow.raw_sockets`: CAP_NET_RAW. On unless refused, so that ping works. */
  readonly rawSockets: boolean;
  /** `allow.reserved_ports`: CAP_NET_BIND_SERVICE. */
  readonly reservedPorts: boolean;
  /** `mount.devfs`: a /dev with the usual devices, instead of the image's own directory. */
  readonly devfs: boolean;
}

const DEFAULTS: LinuxJailSettings = { rawSockets: true, reservedPorts: true, devfs: true };

type Translate<Value> = (value: Value) => Partial<LinuxJailSettings>;

const BOOLEANS = new Map<string, Translate<boolean>>([
  ["allow.raw_sockets", (rawSockets) => ({ rawSockets })],
  ["allow.reserved_ports", (reservedPorts) => ({ reservedPorts })],
  ["mount.devfs", (devfs) => ({ devfs })],
  // A process's environment is always given whole, and the engine ends jails.
  ["exec.clean", () => ({})],
  ["persist", () => ({})],
]);

/**
 * Never granted on Linux, so that refusing them is no news. `allow.mount` would need CAP_SYS_ADMIN, which gives far
 * more than the parameter does.
 */
const NEVER_ALLOWED = new Set(["allow.mount", "allow.chflags", "allow.set_hostname"]);

const STRINGS = new Map<string, Translate<string>>([
  ["host.hostname", (value) => ({ hostname: hostname(value) })],
  // Each process is started as its own user.
  ["exec.jail_user", () => ({})],
]);

/** sethostname(2)'s limit, in bytes. */
const MAX_HOSTNAME = 64;

/**
 * Translates parameters as they stand in jail.conf: `name`, `name=value`, and booleans also as `noname`,
 * `allow.noname` and `name=false`. A later one replaces an earlier one.
 *
 * @throws KleeneError `unsupported` for a parameter without counterpart on Linux, `invalid` for a bad value
 */
export function linuxJailSettings(parameters: readonly string[]): LinuxJailSettings {
  return Object.assign({}, DEFAULTS, ...parameters.map(translate));
}

function translate(parameter: string): Partial<LinuxJailSettings> {
  const { name, operator, value } = parseJailParameter(parameter);
  const string = STRINGS.get(name);
  if (string !== undefined && operator !== "+=") {
    if (value === undefined) throw new KleeneError("invalid", `the jail parameter ${name} needs a value`);
    return string(value);
  }
  const { positive, on } = polarity(name, value, parameter);
  if (operator !== "+=" && NEVER_ALLOWED.has(positive) && !on) return {};
  const boolean = BOOLEANS.get(positive);
  if (boolean === undefined || operator === "+=") {
    throw new KleeneError("unsupported", `the jail parameter ${name} is not supported on Linux`);
  }
  return boolean(on);
}

/** `allow.noraw_sockets` and `allow.raw_sockets=false` are the same, as jail(8) reads them. */
function polarity(name: string, value: string | undefined, parameter: string): { positive: string; on: boolean } {
  const withoutNo = positiveName(name);
  const isKnown = (each: string) => BOOLEANS.has(each) || NEVER_ALLOWED.has(each);
  const negated = !isKnown(name) && isKnown(withoutNo);
  const positive = negated ? withoutNo : name;
  if (value === undefined) return { positive, on: !negated };
  if (!isKnown(positive)) return { positive, on: true };
  if (negated || !/^(true|false|0|1)$/i.test(value)) {
    throw new KleeneError("invalid", `the jail parameter "${parameter}" has neither of the values true and false`);
  }
  return { positive, on: /^(true|1)$/i.test(value) };
}

/** @throws KleeneError `invalid` */
export function hostname(value: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value) || value.length > MAX_HOSTNAME) {
    throw new KleeneError("invalid", `"${value}" is not a host name of at most ${MAX_HOSTNAME} characters`);
  }
  return value;
}
