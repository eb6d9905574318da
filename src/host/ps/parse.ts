import * as v from "valibot";
import { LibxoId, parseLibxo } from "../libxo.ts";

const Processes = v.object({
  "process-information": v.object({ process: v.array(v.object({ pid: LibxoId })) }),
});

/** Reads the process IDs from `ps --libxo json -o pid`. @throws KleeneError `internal` */
export function parseProcessIds(text: string): number[] {
  return parseLibxo("ps", Processes, text)["process-information"].process.map(({ pid }) => pid);
}
