import { UsageError } from "./command-line.ts";

const POWERS = "KMGTP";

/** `20G`, `512M`, `1.5T` or plain bytes; powers of 1024. @throws UsageError */
export function parseSize(option: string, text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([KMGTP]?)(?:i?B)?$/i.exec(text) ?? [];
  const power = unit === "" ? 0 : POWERS.indexOf(unit.toUpperCase()) + 1;
  const bytes = Math.floor(Number(digits) * 1024 ** power);
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new UsageError(`${option} is a size like 20G, not ${text}`);
  return bytes;
}

/** Whole seconds. @throws UsageError */
export function parseSeconds(option: string, text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new UsageError(`${option} is a number of seconds, not ${text}`);
  return Number(text);
}
