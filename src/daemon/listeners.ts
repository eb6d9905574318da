import { readFileSync, rmSync } from "node:fs";
import type { Server } from "bun";
import type { ApiServer } from "../api/server.ts";
import type { Session } from "../api/session.ts";
import { type Address, isThisMachine, parseAddress } from "../client/address.ts";
import { KleeneError, systemErrorCode } from "../errors.ts";
import type { Lock } from "../host/flock.ts";
import { log } from "../log.ts";
import type { ListeningSocket } from "./config-file.ts";
import { defect, refusal } from "./request-guard.ts";
import { bindPrivately, claimSocket } from "./unix-socket.ts";

/** Bytes of a request's body. */
const MAX_BODY = 4 * 1024 * 1024;

interface Tls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** A listener as it is to be: its address is allowed and its certificates are there. */
export interface ListenerPlan {
  readonly address: Address;
  readonly tls: Tls | undefined;
}

export interface Listener {
  readonly address: Address;
  /** Removes its socket, so that no new client finds it; connections are still taken. */
  withdraw(): void;
  /** Takes no new connections, and removes its socket; resolves when the open ones have ended. */
  stop(): Promise<void>;
  /** Cuts the open connections, too. */
  cut(): Promise<void>;
}

/** @throws KleeneError `invalid`, `permission` that names the address */
export function planListener(socket: ListeningSocket): ListenerPlan {
  const address = parseAddress(socket.address);
  if (!address.tls && !isThisMachine(address) && !socket.insecure) {
    throw new KleeneError(
      "permission",
      `refusing to listen on ${address.text}: other machines reach it without TLS; use https, or \`insecure: true\` in the configuration`,
    );
  }
  return { address, tls: address.tls ? readTls(socket) : undefined };
}

function readTls({ address, tlscert, tlskey, tlscacert, tlsverify }: ListeningSocket): Tls {
  const pem = (key: string, path: string | undefined) => {
    if (path === undefined) throw new KleeneError("invalid", `${address} needs ${key}`);
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      throw new KleeneError("invalid", `cannot read the ${key} of ${address}, ${path}`, { cause });
    }
  };
  return {
    cert: pem("tlscert", tlscert),
    key: pem("tlskey", tlskey),
    ...(tlsverify || tlscacert !== undefined ? { ca: pem("tlscacert", tlscacert) } : {}),
    requestCert: tlsverify,
    rejectUnauthorized: tlsverify,
  };
}

/** Makes this process the address's only daemon; undefined where the kernel sees to that itself. */
export async function claim({ address }: ListenerPlan): Promise<Lock | undefined> {
  return address.at.kind === "unix" ? await claimSocket(address.at.path) : undefined;
}

/** Begins to serve. @throws KleeneError `conflict` when the address is taken, `unavailable` */
export function listen({ address, tls }: ListenerPlan, api: ApiServer): Listener {
  const { at } = address;
  const common = {
    fetch: (request: Request, server: Server<Session>) => refusal(request, address) ?? api.fetch(request, server),
    error: (error: Error) => {
      log.error(error);
      return defect();
    },
    development: false,
    websocket: api.websocket,
    maxRequestBodySize: MAX_BODY,
    ...(tls === undefined ? {} : { tls }),
  };
  try {
    const server =
      at.kind === "unix"
        ? bindPrivately(at.path, () => Bun.serve<Session>(patient({ ...common, unix: at.path })))
        : Bun.serve<Session>(patient({ ...common, hostname: at.host, port: at.port }));
    return {
      address,
      withdraw: () => {
        if (at.kind === "unix") rmSync(at.path, { force: true });
      },
      stop: () => server.stop(),
      cut: () => server.stop(true),
    };
  } catch (cause) {
    if (systemErrorCode(cause) === "EADDRINUSE") {
      throw new KleeneError("conflict", `cannot listen on ${address.text}: the address is in use`);
    }
    throw new KleeneError("unavailable", `cannot listen on ${address.text}`, { cause });
  }
}

/** An answer may take as long as a container takes to stop. Bun's types know `idleTimeout` for TCP alone. */
function patient<T extends object>(options: T): T {
  return Object.assign(options, { idleTimeout: 0 });
}
