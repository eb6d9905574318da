import { KleeneError } from "../errors.ts";

/** One parameter of jail(8) as a user gives it: `name`, `name=value` or `name+=value`. */
export interface JailParameter {
  /** As the user wrote it: `mount.nodevfs`, `allow.raw_sockets`. */
  readonly name: string;
  readonly operator: "=" | "+=" | undefined;
  /** Without quotes; undefined for a bare parameter. */
  readonly value: string | undefined;
}

/** @throws KleeneError `invalid` for what is no parameter */
export function parseJailParameter(text: string): JailParameter {
  const [, name, operator, value = ""] = /^\s*([A-Za-z][A-Za-z0-9_.]*)\s*(?:(\+?=)([^\0\n]*))?$/.exec(text) ?? [];
  if (name === undefined) throw new KleeneError("invalid", `"${text}" is not a jail parameter`);
  if (operator === undefined) return { name, operator, value: undefined };
  const unquoted = value.trim().replace(/^(["'])(.*)\1$/s, "$2");
  return { name, operator: operator === "+=" ? "+=" : "=", value: unquoted };
}

/** `mount.nodevfs` is `mount.devfs` said the other way round. */
export function positiveName(name: string): string {
  return name.replace(/(^|\.)no([^.]+)$/, "$1$2");
}
