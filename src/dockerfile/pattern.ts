import { KleeneError } from "../errors.ts";

type Token = (char: string) => boolean;

/**
 * Whether the whole name fits the pattern, by the rules of COPY's sources: `*` and `?` (not "/"), `[a-z]`, `[^a-z]`,
 * and `\` before a character that means itself.
 * @throws KleeneError `invalid` when the pattern is malformed
 */
export function matchPattern(pattern: string, name: string): boolean {
  const tokens = tokenize(pattern);
  const chars = Array.from(name);
  let token = 0;
  let at = 0;
  // Where to go on when the characters behind the last "*" do not fit: it takes one more.
  let retry: { token: number; at: number } | undefined;
  while (at < chars.length || token < tokens.length) {
    const current = tokens[token];
    const char = chars[at];
    if (current === "*") {
      token += 1;
      retry = { token, at };
    } else if (current !== undefined && char !== undefined && current(char)) {
      token += 1;
      at += 1;
    } else {
      const taken = retry === undefined ? undefined : chars[retry.at];
      if (retry === undefined || taken === undefined || taken === "/") return false;
      retry = { token: retry.token, at: retry.at + 1 };
      ({ token, at } = retry);
    }
  }
  return true;
}

function tokenize(pattern: string): (Token | "*")[] {
  const reader = new Reader(pattern);
  const tokens: (Token | "*")[] = [];
  for (let char = reader.next(); char !== undefined; char = reader.next()) {
    if (char === "*") tokens.push("*");
    else if (char === "?") tokens.push((found) => found !== "/");
    else if (char === "[") tokens.push(characterClass(reader));
    else {
      const wanted = char === "\\" ? reader.required() : char;
      tokens.push((found) => found === wanted);
    }
  }
  return tokens;
}

function characterClass(reader: Reader): Token {
  const negated = reader.skip("^");
  const ranges: [low: number, high: number][] = [];
  do {
    const low = member(reader);
    ranges.push([low, reader.skip("-") ? member(reader) : low]);
  } while (!reader.skip("]"));
  return (char) => {
    const code = char.codePointAt(0) ?? 0;
    return char !== "/" && ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
}

function member(reader: Reader): number {
  const char = reader.required();
  if (char === "-" || char === "]") throw reader.malformed();
  return (char === "\\" ? reader.required() : char).codePointAt(0) ?? 0;
}

class Reader {
  private readonly chars: readonly string[];
  private at = 0;

  constructor(private readonly pattern: string) {
    this.chars = Array.from(pattern);
  }

  next(): string | undefined {
    const char = this.chars[this.at];
    this.at += 1;
    return char;
  }

  required(): string {
    const char = this.next();
    if (char === undefined) throw this.malformed();
    return char;
  }

  skip(char: string): boolean {
    if (this.chars[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  malformed(): KleeneError {
    return new KleeneError(
      "invalid",
      `the pattern ${this.pattern} is malformed: a bracket or backslash is not completed`,
    );
  }
}
