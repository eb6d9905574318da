export type JsonForm =
  | { readonly kind: "array"; readonly items: readonly string[]; readonly ignored: string }
  /** An array, but not of plain strings. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Begins like an array of strings and is none. */
  | { readonly kind: "malformed" }
  | { readonly kind: "none" };

// With a space and without a comma it is more likely a shell's test: [ "$a" = b ].
const LIKE_STRINGS = /^\[(?:["']|\s*(?:"[^"]*"|'[^']*')\s*,)/;

/**
 * Reads `["a", "b"]`. As with Docker, text behind the closing bracket is ignored, an array of other things than
 * strings is an error, and what is no JSON at all is text.
 */
export function readJsonForm(text: string): JsonForm {
  if (!text.startsWith("[")) return { kind: "none" };
  const end = arrayEnd(text);
  const value = end === undefined ? undefined : parse(text.slice(0, end));
  if (end === undefined || value === undefined) return { kind: LIKE_STRINGS.test(text) ? "malformed" : "none" };
  if (!value.every((item) => typeof item === "string")) {
    return { kind: "refused", reason: "the JSON form takes an array of strings only" };
  }
  if (value.some((item) => item.includes("\0"))) return { kind: "refused", reason: "a NUL character is not allowed" };
  return { kind: "array", items: value, ignored: text.slice(end).trim() };
}

function arrayEnd(text: string): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted && char === "\\") at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === "[") depth += 1;
    else if (!quoted && char === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parse(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
