import type { Escape } from "./instruction.ts";

/** Splits at white space that is neither quoted nor escaped; quotes and escapes stay in the words. */
export function splitWords(text: string, escapeChar: Escape): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = wordEnd(text, at, escapeChar);
    if (end > at) words.push(text.slice(at, end));
    at = end + 1;
  }
  return words;
}

/** Where the word that begins at `start` ends: at white space, or behind the text. */
function wordEnd(text: string, start: number, escapeChar: Escape): number {
  let quote = "";
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === escapeChar && quote !== "'") at += 1;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (/\s/.test(char)) break;
    else if (char === '"' || char === "'") quote = char;
  }
  return Math.min(at, text.length);
}

/** Splits at white space alone: quotes mean nothing here. */
export function splitAtSpaces(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Splits off the first word: `ENV a b` -> `ENV` and `a b`. */
export function firstWord(text: string): { word: string; rest: string } {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/);
  if (end === -1) return { word: trimmed, rest: "" };
  return { word: trimmed.slice(0, end), rest: trimmed.slice(end).trim() };
}

export interface Flag {
  readonly name: string;
  /** Undefined in `--name`, "" in `--name=`. */
  readonly value: string | undefined;
}

/** Splits off the flags before an instruction's arguments; `--` alone ends them. */
export function splitFlags(text: string, escapeChar: Escape): { flags: Flag[]; rest: string } {
  const flags: Flag[] = [];
  let rest = text;
  while (rest.startsWith("--")) {
    const end = wordEnd(rest, 0, escapeChar);
    const raw = rest.slice(0, end);
    rest = rest.slice(end).trimStart();
    if (raw === "--") break;
    const [, name = "", value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(raw) ?? [];
    flags.push({ name, value });
  }
  return { flags, rest };
}
