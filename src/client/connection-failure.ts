import { KleeneError, systemErrorCode } from "../errors.ts";
import type { Address } from "./address.ts";

export interface ConnectionFailure {
  readonly error: KleeneError;
  /** Nobody listens there, so that a daemon may be started. */
  readonly absent: boolean;
}

/** What is wrong when a connection could not be made; undefined for an error that is about something else. */
export function connectionFailure(error: unknown, { text, at }: Address): ConnectionFailure | undefined {
  if (error instanceof KleeneError || !(error instanceof Error)) return undefined;
  const code = systemErrorCode(error) ?? "";
  const place = at.kind === "unix" ? at.path : text;
  switch (code) {
    case "ENOENT":
    case "ECONNREFUSED":
    case "ConnectionRefused":
    case "FailedToOpenSocket":
      return unavailable(`no daemon answers on ${place}: start one with \`kleene daemon\``, at.kind === "unix");
    case "EACCES":
    case "EPERM":
      return {
        absent: false,
        error: new KleeneError("permission", `permission denied on ${place}: run as root, or be in its group`),
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
      return unavailable(`cannot reach ${place}: there is no host of that name`);
    case "ECONNRESET":
    case "EPIPE":
    case "ConnectionClosed":
      return unavailable(`the daemon on ${place} closed the connection`);
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return unavailable(`cannot trust the daemon on ${place}: its certificate is another host's`);
    default:
      if (/CERT|VERIFY|SELF_SIGNED|TLS/.test(code)) {
        return unavailable(`cannot trust the daemon on ${place}: ${error.message}`);
      }
      return unavailable(`cannot reach the daemon on ${place}: ${error.message}${code === "" ? "" : ` (${code})`}`);
  }
}

function unavailable(message: string, absent = false): ConnectionFailure {
  return { absent, error: new KleeneError("unavailable", message) };
}
