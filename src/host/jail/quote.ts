/**
 * A value as a double-quoted string of jail.conf(5), which knows C's escapes; an unescaped `$` would begin a variable.
 */
export function quoteValue(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return `"${value.replace(/["\\$]/g, "\\$&").replace(/[\x00-\x1f\x7f]/g, octal)}"`;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}

/** The value of a string that `quoteValue` made. */
export function unquoteValue(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, escaped: string) => {
    return escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped;
  });
}
