import { KleeneError } from "../errors.ts";
import { suggestion } from "../suggestion.ts";
import type { Option, Options } from "./command.ts";

/** A command line that cannot be understood. */
export class UsageError extends KleeneError {
  constructor(message: string) {
    super("invalid", message);
  }
}

export interface ParsedLine {
  /** By the definition's key; absent where nothing was given. */
  readonly given: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** What is not an option, in order. */
  readonly positionals: readonly string[];
}

/** `--build-arg` of the key `buildArg`. */
export function longName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function aliasesOf(option: Option): readonly string[] {
  const alias = "alias" in option ? option.alias : undefined;
  return alias === undefined ? [] : typeof alias === "string" ? [alias] : alias;
}

/**
 * Splits a command line into options and positionals: `--name value`, `--name=value`, `--no-name`, `-n value`, `-nvalue`,
 * bundled flags (`-dP`), repeated options, and `--`, which ends the options. With `optionsFirst` so does the first
 * positional, and a `--` right after it is dropped.
 *
 * @throws UsageError
 */
export function parseLine(argv: readonly string[], options: Options, { optionsFirst = false } = {}): ParsedLine {
  const names = optionNames(options);
  const given: Record<string, string | boolean | string[]> = {};
  const positionals: string[] = [];

  const set = (spelled: string, key: string, value: string | boolean) => {
    const option = options[key];
    if (option?.type === "enum" && !option.options?.includes(String(value))) {
      throw new UsageError(`${spelled} is one of ${option.options?.join(", ")}, not ${value}`);
    }
    if (option?.multiple === true) given[key] = [...((given[key] as string[] | undefined) ?? []), String(value)];
    else given[key] = value;
  };

  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    const valueAfter = (spelled: string): string => {
      const value = argv[++at];
      if (value === undefined) throw new UsageError(`${spelled} needs a value`);
      return value;
    };

    if (word === "--") {
      positionals.push(...argv.slice(at + 1));
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const spelled = equals < 0 ? word : word.slice(0, equals);
      const value = equals < 0 ? undefined : word.slice(equals + 1);
      const { key, negated } = findLong(spelled, options, names);
      if (options[key]?.type !== "boolean") set(spelled, key, value ?? valueAfter(spelled));
      else set(spelled, key, flagValue(spelled, value) !== negated);
    } else if (word.startsWith("-") && word !== "-") {
      for (let letter = 1; letter < word.length; letter++) {
        const spelled = `-${word[letter]}`;
        const key = names.get(spelled);
        if (key === undefined) throw unknownOption(spelled, names, word);
        const rest = word.slice(letter + 1);
        if (options[key]?.type === "boolean") {
          if (!rest.startsWith("=")) {
            set(spelled, key, true);
            continue;
          }
          set(spelled, key, flagValue(spelled, rest.slice(1)));
        } else set(spelled, key, rest === "" ? valueAfter(spelled) : rest.replace(/^=/, ""));
        break;
      }
    } else if (optionsFirst) {
      const rest = argv.slice(at + 1);
      positionals.push(word, ...(rest[0] === "--" ? rest.slice(1) : rest));
      break;
    } else positionals.push(word);
  }
  return { given, positionals };
}

/** Fills in defaults and hands out the positionals by their names. @throws UsageError */
export function bindValues(line: ParsedLine, options: Options): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  const left = [...line.positionals];
  for (const [key, option] of Object.entries(options)) {
    if (option.type !== "positional") {
      values[key] = line.given[key] ?? defaultValue(option);
      continue;
    }
    const word = placeholder(key, option);
    if (option.required !== false && left.length === 0) throw new UsageError(`${article(word)} is missing`);
    if (option.multiple === true) values[key] = left.splice(0);
    else values[key] = left.shift() ?? option.default;
  }
  if (left[0] !== undefined) throw new UsageError(`unexpected argument ${left[0]}`);
  return values;
}

/** How a value is called in help and messages. */
export function placeholder(key: string, option: Option): string {
  return option.valueHint ?? (option.type === "enum" ? (option.options ?? []).join("|") : key.toUpperCase());
}

function article(word: string): string {
  return `${/^[AEIO]/.test(word) ? "an" : "a"} ${word}`;
}

function defaultValue(option: Option): unknown {
  if (option.multiple === true) return [];
  if (option.type !== "boolean") return option.default;
  return option.default ?? (option.negativeDescription === undefined ? false : undefined);
}

function optionNames(options: Options): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [key, option] of Object.entries(options)) {
    if (option.type === "positional") continue;
    names.set(`--${longName(key)}`, key);
    for (const alias of aliasesOf(option)) names.set(alias.length === 1 ? `-${alias}` : `--${alias}`, key);
  }
  return names;
}

function findLong(
  spelled: string,
  options: Options,
  names: ReadonlyMap<string, string>,
): { key: string; negated: boolean } {
  const key = names.get(spelled);
  if (key !== undefined) return { key, negated: false };
  const negated = spelled.startsWith("--no-") ? names.get(`--${spelled.slice("--no-".length)}`) : undefined;
  if (negated !== undefined && options[negated]?.type === "boolean") return { key: negated, negated: true };
  throw unknownOption(spelled, names);
}

function unknownOption(spelled: string, names: ReadonlyMap<string, string>, word = spelled): UsageError {
  const near = suggestion(word.startsWith("--") ? spelled : `-${word}`, [...names.keys()]);
  const where = word === spelled || word.startsWith("--") ? "" : ` in ${word}`;
  return new UsageError(`unknown option ${spelled}${where}${near === undefined ? "" : `, did you mean ${near}?`}`);
}

function flagValue(spelled: string, value: string | undefined): boolean {
  if (value === undefined || value === "true") return true;
  if (value === "false") return false;
  throw new UsageError(`${spelled} is true or false, not ${value}`);
}
