import { KleeneError } from "../../errors.ts";
import { quoteValue } from "../../host/jail/quote.ts";
import { type JailParameter, parseJailParameter, positiveName } from "../jail-parameter.ts";

/** They take lists, whose members jail.conf wants to be separate strings. */
const LISTS = new Set(["ip4.addr", "ip6.addr", "vnet.interface", "zfs.dataset"]);

/** Kleene's own: what it makes and finds its jails by. */
const RESERVED = new Set(["path", "name", "jid", "command"]);

/** A parameter for jail.conf(5). @throws KleeneError `invalid` for what is none, or one that Kleene has to set itself */
export function userParameter(text: string): JailParameter {
  const parameter = parseJailParameter(text);
  const { name } = parameter;
  if (RESERVED.has(name)) throw new KleeneError("invalid", `the jail parameter ${name} is set by Kleene`);
  if (positiveName(name) === "persist" && !isOn(parameter)) {
    throw new KleeneError("invalid", "a jail without persist would end before its first process starts");
  }
  return parameter;
}

/** The statement of jail.conf(5). */
export function renderJailParameter({ name, operator, value }: JailParameter): string {
  if (value === undefined) return `${name};`;
  const values = LISTS.has(name) ? value.split(",").map((each) => each.trim()) : [value];
  return `${name} ${operator} ${values.map(quoteValue).join(", ")};`;
}

/** Whether one of the parameters takes the place of the default of that name, be it in its `no` form. */
export function replaces(parameters: readonly JailParameter[], name: string): boolean {
  return parameters.some((each) => each.operator !== "+=" && (each.name === name || positiveName(each.name) === name));
}

/** What the parameters say of a boolean; the last one counts. */
export function booleanOf(parameters: readonly JailParameter[], name: string, otherwise: boolean): boolean {
  const said = parameters.findLast((each) => each.name === name || positiveName(each.name) === name);
  return said === undefined ? otherwise : isOn(said);
}

/** As bool_param of jail(8): a `no` turns the value round, a missing value is true. */
function isOn({ name, value }: JailParameter): boolean {
  const on = value === undefined || value.toLowerCase() === "true" || Number.parseInt(value, 10) > 0;
  return /(^|\.)no[^.]+$/.test(name) ? !on : on;
}
