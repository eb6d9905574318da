/** Steps of one replacement. */
const MAX_WORK = 20_000_000;

interface Work {
  done: number;
}

/**
 * The value without its beginning that fits the pattern (`*`, `?`, `\` quotes), the shortest or the longest one.
 *
 * @throws RangeError, as the others here, when that takes too long
 */
export function removePrefix(value: string, pattern: string, longest: boolean): string {
  const chars = Array.from(value);
  return chars.slice(matchEnd(chars, 0, tokens(pattern), longest, { done: 0 }) ?? 0).join("");
}

/** The value without its end that fits the pattern, the shortest or the longest one. */
export function removeSuffix(value: string, pattern: string, longest: boolean): string {
  const chars = Array.from(value).reverse();
  const end = matchEnd(chars, 0, tokens(pattern).reverse(), longest, { done: 0 }) ?? 0;
  return chars.slice(end).reverse().join("");
}

/** The value with the first part that fits the pattern, or each, replaced; the longest part where several do. */
export function replaceMatches(value: string, pattern: string, replacement: string, all: boolean): string {
  const chars = Array.from(value);
  const wanted = tokens(pattern);
  const work = { done: 0 };
  let result = "";
  let at = 0;
  while (at < chars.length) {
    const end = matchEnd(chars, at, wanted, true, work) ?? at;
    if (end === at) {
      result += chars[at];
      at += 1;
    } else {
      result += replacement;
      at = end;
      if (!all) break;
    }
  }
  return result + chars.slice(at).join("");
}

/** `*`, `?`, or a character, with a backslash in front when it was quoted. */
function tokens(pattern: string): string[] {
  return pattern.match(/\\.|./gsu) ?? [];
}

/**
 * Where the shortest or longest match that begins at `start` ends. All ways to match are followed at once, so that no
 * pattern takes longer than the value's length times its own.
 */
function matchEnd(
  chars: readonly string[],
  start: number,
  wanted: readonly string[],
  longest: boolean,
  work: Work,
): number | undefined {
  let found: number | undefined;
  let states = withSkippedStars(new Set([0]), wanted);
  for (let at = start; states.size > 0; at += 1) {
    if (states.has(wanted.length)) {
      found = at;
      if (!longest) break;
    }
    const char = chars[at];
    if (char === undefined) break;
    work.done += states.size;
    if (work.done > MAX_WORK) throw new RangeError("the pattern takes too long");
    const next = new Set<number>();
    for (const state of states) {
      const token = wanted[state];
      if (token === "*") next.add(state);
      else if (token === "?" || token === char || token === `\\${char}`) next.add(state + 1);
    }
    states = withSkippedStars(next, wanted);
  }
  return found;
}

/** A star also fits nothing. The set grows while it is walked, so several stars in a row are skipped as well. */
function withSkippedStars(states: Set<number>, wanted: readonly string[]): Set<number> {
  for (const state of states) if (wanted[state] === "*") states.add(state + 1);
  return states;
}
