import * as v from "valibot";
import { LibxoId, parseLibxo } from "../libxo.ts";

const Jails = v.object({
  "jail-information": v.object({
    jail: v.array(v.object({ jid: LibxoId, name: v.string(), path: v.string() })),
  }),
});

export interface ListedJail {
  readonly jid: number;
  readonly name: string;
  readonly path: string;
}

/** Reads `jls --libxo json jid name path`. @throws KleeneError `internal` */
export function parseJails(text: string): ListedJail[] {
  return parseLibxo("jls", Jails, text)["jail-information"].jail;
}
