import { KleeneError } from "../../errors.ts";

export interface ListedJail {
  readonly jid: number;
  readonly name: string;
  readonly path: string;
}

/** Reads `jls --libxo json jid name path`, which writes numbers as strings, too. */
export function parseJails(text: string): ListedJail[] {
  const surprise = (cause?: unknown) => new KleeneError("internal", "jls wrote something unexpected", { cause });
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch (error) {
    throw surprise(error);
  }
  const jails = (output as { "jail-information"?: { jail?: unknown } } | null)?.["jail-information"]?.jail;
  if (!Array.isArray(jails)) throw surprise();
  return jails.map((entry: unknown) => {
    const { jid, name, path } = (entry ?? {}) as Record<string, unknown>;
    if (!/^[1-9][0-9]*$/.test(String(jid))) throw surprise();
    if (typeof name !== "string" || typeof path !== "string") throw surprise();
    return { jid: Number(jid), name, path };
  });
}
