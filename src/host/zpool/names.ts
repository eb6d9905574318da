import type { Brand } from "../../brand.ts";
import { KleeneError } from "../../errors.ts";

/** Safe to stand as an argument of zpool(8). */
export type PoolName = Brand<string, "PoolName">;

const POOL = /^[A-Za-z][A-Za-z0-9_.:-]*$/;
// zpool(8) refuses them: they begin a vdev specification.
const RESERVED = /^(mirror|raidz|draid|spare|log|cache|special|dedup|c[0-9])/;
const MAX_LENGTH = 63;

/** @throws KleeneError `invalid` */
export function poolName(text: string): PoolName {
  if (text.length > MAX_LENGTH || !POOL.test(text) || RESERVED.test(text)) {
    throw new KleeneError("invalid", `"${text}" is not a pool's name`);
  }
  return text as PoolName;
}
