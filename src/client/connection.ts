import { KleeneError } from "../errors.ts";
import { type Address, isThisMachine, origin } from "./address.ts";
import { readAnswer } from "./answer.ts";
import { connectionFailure } from "./connection-failure.ts";
import type { ClientSettings } from "./settings.ts";
import { openWebSocket, type WebSocketConnection } from "./websocket.ts";

export type Method = "GET" | "POST" | "DELETE";

/** The way to one daemon. Nothing is opened before it is used. */
export interface Connection {
  readonly address: Address;
  /** Whether the daemon sees the same files as we do. */
  readonly local: boolean;

  /**
   * One request; resolves to the answer's JSON, undefined when it has no body.
   * @throws KleeneError with the daemon's code; `unavailable` or `permission` when it cannot be reached
   */
  request(method: Method, path: string, body?: unknown): Promise<unknown>;

  /** Opens a stream. @throws KleeneError like `request` */
  open(path: string): Promise<WebSocketConnection>;
}

export function connect(settings: ClientSettings): Connection {
  const { address, tls } = settings;
  const base = origin(address);
  const route = {
    ...(address.at.kind === "unix" ? { unix: address.at.path } : {}),
    ...(tls === undefined ? {} : { tls: tlsOptions(settings) }),
  };

  const reach = async <T>(attempt: () => Promise<T>): Promise<T> => {
    try {
      return await attempt();
    } catch (error) {
      const failure = connectionFailure(error, address);
      if (failure === undefined) throw error;
      if (!failure.absent || !settings.autostart || address.at.kind !== "unix") throw failure.error;
      const { startDaemon } = await import("./autostart.ts");
      await startDaemon(address, address.at.path);
    }
    try {
      return await attempt();
    } catch (error) {
      throw connectionFailure(error, address)?.error ?? error;
    }
  };

  return {
    address,
    local: isThisMachine(address),
    request: async (method, path, body) => {
      const init = {
        method,
        redirect: "manual" as const,
        // Stopping a container may take as long as the user says.
        timeout: false,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
        ...route,
      };
      const response = await reach(() => fetch(base + path, init));
      return await readAnswer(response);
    },
    open: async (path) => await reach(() => openWebSocket(address, tlsOptions(settings), path)),
  };
}

function tlsOptions({ tls, address }: ClientSettings): Bun.TLSOptions | undefined {
  if (tls === undefined) return undefined;
  return {
    rejectUnauthorized: tls.verify,
    serverName: address.at.kind === "tcp" ? address.at.host : "localhost",
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
}

/**
 * An object's name as one or more segments of a path. Slashes, colons and at-signs of an image's name stay as they are,
 * as Kleened's clients send them.
 *
 * @throws KleeneError `invalid` for what would mean another path: nothing, `.` and `..`
 */
export function pathOf(name: string): string {
  const segments = name.split("/");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) throw new KleeneError("invalid", `${JSON.stringify(name)} is not a name`);
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw new KleeneError("invalid", name === "" ? "an empty name names nothing" : `${name} is not a name`);
  }
  return segments.map((segment) => encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@")).join("/");
}
