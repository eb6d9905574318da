import { type Address, isThisMachine } from "../client/address.ts";
import type { ErrorCode } from "../errors.ts";

/**
 * The answer to a request that is not for this daemon, undefined for any other. On an address of this machine, without
 * TLS, only its own names are right: a web page whose author points a name of his at us sends that one.
 */
export function refusal(request: Request, address: Address): Response | undefined {
  const url = URL.parse(request.url);
  if (url === null) return answer(400, "invalid", "the request's Host is malformed");
  if (address.at.kind === "unix" || address.tls || !isThisMachine(address)) return undefined;
  const isOurs = /^(localhost|[0-9.]+|\[[0-9a-f:.]+\])$/.test(url.hostname) || url.hostname === address.at.host;
  return isOurs ? undefined : answer(403, "permission", `this daemon is not ${url.hostname}`);
}

/** For a defect that nobody caught: Bun's own page would show our source. */
export function defect(): Response {
  return answer(500, "internal", "internal error; the daemon's log tells more");
}

function answer(status: number, code: ErrorCode, message: string): Response {
  return Response.json({ message, code }, { status });
}
