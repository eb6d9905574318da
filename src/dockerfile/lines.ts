import { hereDocuments } from "./here-document.ts";
import type { Escape } from "./instruction.ts";

/** What nobody writes, and what keeps a hostile file from holding everybody else up. */
export const MAX_INSTRUCTIONS = 2_000;

/** An instruction's text, its continued lines joined. */
export interface LogicalLine {
  readonly line: number;
  readonly endLine: number;
  readonly text: string;
  /** An empty line stands between continued ones. */
  readonly hasGap: boolean;
  /** The lines of a here-document follow the instruction; they are left out of the text. */
  readonly hasHereDocument: boolean;
}

/** The lines of a text as editors show them, without their ends (LF or CRLF) and without a byte order mark. */
export function physicalLines(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split(/\r?\n/);
}

/**
 * Joins continued lines and drops comments and empty lines, also those between continued lines. Of too many it gives
 * one more than is allowed.
 */
export function logicalLines(lines: readonly string[], escapeChar: Escape): LogicalLine[] {
  const result: LogicalLine[] = [];
  let next = 0;
  while (next < lines.length && result.length <= MAX_INSTRUCTIONS) {
    const start = next;
    let { text, continued } = cut((lines[next] ?? "").trimStart(), escapeChar);
    let last = next;
    let hasGap = false;
    let blank = false;
    next += 1;
    if (isComment(text) || (text === "" && !continued)) continue;
    while (continued && next < lines.length) {
      const line = lines[next] ?? "";
      if (line.trim() === "") blank = true;
      else if (!isComment(line)) {
        const piece = cut(line, escapeChar);
        text += piece.text;
        continued = piece.continued;
        last = next;
        hasGap ||= blank;
      }
      next += 1;
    }
    text = text.trim();
    if (text === "") continue;
    const end = hereDocuments(text, lines, next);
    if (end !== undefined && end > next) {
      last = end - 1;
      next = end;
    }
    result.push({ line: start + 1, endLine: last + 1, text, hasGap, hasHereDocument: end !== undefined });
  }
  return result;
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith("#");
}

/** The line without its continuation character. Two of them at the end are text, not a continuation. */
function cut(line: string, escapeChar: Escape): { text: string; continued: boolean } {
  const end = line.trimEnd();
  if (isComment(line) || !end.endsWith(escapeChar) || end.endsWith(escapeChar + escapeChar))
    return { text: line, continued: false };
  return { text: end.slice(0, -1), continued: true };
}
