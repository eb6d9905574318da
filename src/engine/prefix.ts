import type { Id } from "../contract/names.ts";
import { KleeneError } from "../errors.ts";

/**
 * The one object whose ID begins with `prefix`. Whatever is not hex digits, the empty string included, fits nothing.
 *
 * @param find looks the prefix up
 * @param what the objects in words: "images"
 * @throws KleeneError `ambiguous`, which lists the objects that fit
 */
export function findByPrefix(prefix: string, find: (prefix: string) => readonly Id[], what: string): Id | undefined {
  const candidates = /^[0-9a-f]{1,12}$/.test(prefix) ? find(prefix) : [];
  if (candidates.length > 1) {
    throw new KleeneError("ambiguous", `"${prefix}" fits several ${what}: ${candidates.join(", ")}`);
  }
  return candidates[0];
}

/** Whether it may be an object's whole ID, for which no other object's name can stand in. */
export function isWholeId(identifier: string): boolean {
  return /^[0-9a-f]{12}$/.test(identifier);
}
