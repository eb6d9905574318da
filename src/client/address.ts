import { KleeneError } from "../errors.ts";

/** Where a daemon listens. */
export interface Address {
  /** As it was written, for messages. */
  readonly text: string;
  readonly tls: boolean;
  /** A unix socket's path, or a host and port. */
  readonly at:
    | { readonly kind: "unix"; readonly path: string }
    | { readonly kind: "tcp"; readonly host: string; readonly port: number };
}

export const DEFAULT_ADDRESS = "http:///var/run/kleened.sock";

/** `http:///path/of.sock`, `http://host:port`, and both with `https`. @throws KleeneError `invalid` */
export function parseAddress(text: string): Address {
  const [, scheme, rest = ""] = /^(https?):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === undefined) {
    throw new KleeneError("invalid", `the address ${text} is neither http:///path/of.sock nor http(s)://host:port`);
  }
  const tls = scheme === "https";
  if (rest.startsWith("/")) {
    if (/^\/+$/.test(rest)) throw new KleeneError("invalid", `the address ${text} names no socket`);
    return { text, tls, at: { kind: "unix", path: rest } };
  }
  const [, six, name, digits] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^/:?#@[\]\s]+)):(\d{1,5})\/?$/.exec(rest) ?? [];
  const host = six ?? name;
  const port = Number(digits);
  if (host === undefined || !(port >= 1 && port <= 65535)) {
    throw new KleeneError("invalid", `the address ${text} has no host and port (http://host:port)`);
  }
  return { text, tls, at: { kind: "tcp", host, port } };
}

/** Whether the daemon sees the same files as we do. */
export function isThisMachine({ at }: Address): boolean {
  return at.kind === "unix" || /^(localhost|127(\.\d+){3}|::1)$/.test(at.host);
}

/** What a URL begins with; for a unix socket the host is only a name. */
export function origin({ tls, at }: Address): string {
  const host = at.kind === "unix" ? "localhost" : `${at.host.includes(":") ? `[${at.host}]` : at.host}:${at.port}`;
  return `${tls ? "https" : "http"}://${host}`;
}
