import { KleeneError } from "../../errors.ts";
import { parseRows } from "../zfs/parse.ts";
import type { Pool } from "./zpool.ts";

export const POOL_COLUMNS = "name,size,free,health,altroot";

/** `zpool list -H -o name,size,free,health,altroot`. */
export function parsePools(text: string): Pool[] {
  // zfs-fuse says so even where the output is for machines.
  if (text.trim() === "no pools available") return [];
  const rows = parseRows("zpool list", text, 5) as [string, string, string, string, string][];
  return rows.map(([name, size, free, health, altroot]) => ({
    name,
    size: parseSize(size),
    free: parseSize(free),
    health,
    altroot: altroot === "-" ? undefined : altroot,
  }));
}

const UNITS = "BKMGTPEZ";

/** Bytes of `1016M`, `7.94G`, `0` or `512B`; an unavailable pool has `-`, which is 0. */
export function parseSize(text: string): number {
  if (text === "-") return 0;
  const [, digits, unit = "B"] = /^([0-9]+(?:\.[0-9]+)?)([BKMGTPEZ])?$/.exec(text) ?? [];
  if (digits === undefined) throw new KleeneError("internal", `zpool list printed a size that is none: ${text}`);
  return Math.round(Number(digits) * 1024 ** UNITS.indexOf(unit));
}
