import type { Escape } from "./instruction.ts";
import { removePrefix, removeSuffix, replaceMatches } from "./shell-pattern.ts";

export type Lookup = (name: string) => string | undefined;

/** A word that cannot be replaced: a quote or brace without its partner, or an unset `${name:?}`. */
export class ExpansionError extends Error {}

const MAX_NESTING = 50;
/** Characters; execve(2) on Linux takes no longer variable, and the values of values grow fast. */
const MAX_LENGTH = 128 * 1024;

/**
 * Replaces the variables of one word and removes its quotes, by the Bourne shell's rules (sh(1), "Parameter
 * Expansion"; no command is ever run, nothing is split). An unset variable is empty.
 * @throws ExpansionError
 */
export function expandWord(text: string, lookup: Lookup, escapeChar: Escape): string {
  try {
    const value = new Word(text, lookup, escapeChar).expand();
    if (value.length < MAX_LENGTH) return value;
  } catch (error) {
    // No string can be that long, or a pattern is no good.
    if (!(error instanceof RangeError)) throw error;
  }
  throw new ExpansionError(`the value is too long: more than ${MAX_LENGTH} characters, or too many for a pattern`);
}

/** Whether the word means just its own characters: no quotes, no variables. */
export function isPlain(text: string): boolean {
  return !/["'$\\`]/.test(text);
}

class Word {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly lookup: Lookup,
    private readonly escapeChar: Escape,
  ) {}

  expand(): string {
    return this.until(undefined, false);
  }

  /** In a pattern, quoted characters keep a backslash in front, so that they match only themselves. */
  private until(stop: string | undefined, pattern: boolean): string {
    let result = "";
    while (this.at < this.text.length) {
      const char = this.next();
      if (char === stop) return result;
      if (char === "'") result += literal(this.singleQuoted(), pattern);
      else if (char === '"') result += literal(this.doubleQuoted(), pattern);
      else if (char === "$") result += this.variable();
      else if (char === this.escapeChar) result += literal(this.next(), pattern);
      else result += char;
    }
    if (stop !== undefined) throw new ExpansionError(`no closing "${stop}" in ${this.text}`);
    return result;
  }

  private singleQuoted(): string {
    const end = this.text.indexOf("'", this.at);
    if (end === -1) throw new ExpansionError(`no closing single quote in ${this.text}`);
    const quoted = this.text.slice(this.at, end);
    this.at = end + 1;
    return quoted;
  }

  private doubleQuoted(): string {
    let result = "";
    while (this.at < this.text.length) {
      const char = this.next();
      if (char === '"') return result;
      if (char === "$") result += this.variable();
      else if (char === this.escapeChar) {
        const escaped = this.next();
        result += escaped === '"' || escaped === "$" || escaped === this.escapeChar ? escaped : char + escaped;
      } else result += char;
    }
    throw new ExpansionError(`no closing double quote in ${this.text}`);
  }

  private variable(): string {
    if (this.text[this.at] !== "{") {
      const name = this.name();
      return name === "" ? "$" : (this.lookup(name) ?? "");
    }
    this.next();
    const name = this.name();
    if (name === "") throw new ExpansionError(`a variable's name is missing after "\${" in ${this.text}`);
    const operator = this.next();
    if (operator === "}") return this.lookup(name) ?? "";
    if (operator === "") throw new ExpansionError(`no closing "}" in ${this.text}`);
    this.depth += 1;
    if (this.depth > MAX_NESTING) throw new ExpansionError("variables are nested too deeply");
    const value = this.modified(name, operator);
    this.depth -= 1;
    return value;
  }

  private modified(name: string, operator: string): string {
    const value = this.lookup(name);
    if (operator === "#" || operator === "%") {
      const longest = this.text[this.at] === operator;
      if (longest) this.next();
      const pattern = this.until("}", true);
      return operator === "#"
        ? removePrefix(value ?? "", pattern, longest)
        : removeSuffix(value ?? "", pattern, longest);
    }
    if (operator === "/") {
      const all = this.text[this.at] === "/";
      if (all) this.next();
      const pattern = this.until("/", true);
      return replaceMatches(value ?? "", pattern, this.until("}", false), all);
    }
    const test = operator === ":" ? this.next() : operator;
    const missing = value === undefined || (operator === ":" && value === "");
    if (test === "") throw new ExpansionError(`no closing "}" in ${this.text}`);
    if (test !== "-" && test !== "+" && test !== "?") {
      throw new ExpansionError(`"\${${name}${operator === ":" ? ":" : ""}${test}" is not supported`);
    }
    const word = this.until("}", false);
    if (test === "+") return missing ? "" : word;
    if (!missing) return value;
    if (test === "-") return word;
    throw new ExpansionError(
      `${name}: ${word === "" ? (value === undefined ? "it is not set" : "it is empty") : word}`,
    );
  }

  private name(): string {
    VARIABLE_NAME.lastIndex = this.at;
    const name = VARIABLE_NAME.exec(this.text)?.[0] ?? "";
    this.at += name.length;
    return name;
  }

  /** The next character, "" at the end. */
  private next(): string {
    const char = this.text[this.at] ?? "";
    this.at += 1;
    return char;
  }
}

// A number, a name, or one of the shell's own parameters (which are never set here).
const VARIABLE_NAME = /(?:\p{Nd}+|[\p{L}_][\p{L}\p{Nd}_]*|[@*#?$!-])/uy;

function literal(text: string, pattern: boolean): string {
  return pattern ? text.replace(/[\\*?]/g, "\\$&") : text;
}
