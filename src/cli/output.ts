import { describeError, type ErrorCode, errorCode } from "../errors.ts";

const GAP = "  ";

/** Aligned columns without boxes. Control characters in the cells are shown, never sent to the terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => Bun.stringWidth(line[column] ?? ""))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - Bun.stringWidth(cell))))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** `name  value` lines. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}${GAP}${printable(value)}`).join("\n");
}

/** C0, DEL, C1, and what reverses or hides text (bidirectional controls, line separators). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is its purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export function printable(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}

const SECOND = 1;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago a moment was, in the words of Docker and Klee. @param timestamp ISO 8601 */
export function age(timestamp: string, now = Date.now()): string {
  const moment = Date.parse(timestamp);
  if (Number.isNaN(moment)) return "";
  return `${duration((now - moment) / 1000)} ago`;
}

function duration(seconds: number): string {
  if (seconds < SECOND) return "less than a second";
  if (seconds < MINUTE) return count(seconds, SECOND, "second");
  if (seconds < 2 * MINUTE) return "about a minute";
  if (seconds < HOUR) return count(seconds, MINUTE, "minute");
  if (seconds < 1.5 * HOUR) return "about an hour";
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} hours`;
  if (seconds < 14 * DAY) return count(seconds, DAY, "day");
  if (seconds < 60 * DAY) return count(seconds, 7 * DAY, "week");
  if (seconds < 730 * DAY) return count(seconds, 30 * DAY, "month");
  return count(seconds, 365 * DAY, "year");
}

function count(seconds: number, unit: number, word: string): string {
  const many = Math.floor(seconds / unit);
  return `${many} ${word}${many === 1 ? "" : "s"}`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;

/** Bytes by powers of 1024, with at most one decimal. */
export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** What helps, whatever the message is about. */
const HINT: Partial<Record<ErrorCode, string>> = {
  "missing-tool": ": `kleene init --install` installs what is missing",
};

/** `kleene: what: why`; further lines of a message are indented below it. */
export function failureText(program: string, error: unknown): string {
  const hint = HINT[errorCode(error)] ?? "";
  const [first = "", ...rest] = `${describeError(error).trimEnd()}${hint}`.split("\n").map(printable);
  return [`${program}: ${first}`, ...rest.map((line) => `  ${line}`)].join("\n");
}
