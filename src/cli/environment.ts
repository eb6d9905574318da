import { readFileSync } from "node:fs";
import { KleeneError } from "../errors.ts";

/**
 * `NAME=value` as it is; `NAME` with the value it has here, left out where it has none; the lines of the files first.
 *
 * @throws KleeneError `invalid`
 */
export function environmentVariables(
  words: readonly string[],
  files: readonly string[] = [],
  ours: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  return [...files.flatMap(linesOf), ...words].flatMap((word) => {
    if (word === "" || word.startsWith("=")) throw new KleeneError("invalid", `${word} is not NAME or NAME=value`);
    if (word.includes("=")) return [word];
    const value = ours[word];
    return value === undefined ? [] : [`${word}=${value}`];
  });
}

/** Build arguments, by the same rules. */
export function buildArguments(
  words: readonly string[],
  ours: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  return Object.fromEntries(
    environmentVariables(words, [], ours).map((word) => {
      const equals = word.indexOf("=");
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8")
      .split(/\r?\n/)
      .map((line) => line.trimStart())
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch (cause) {
    throw new KleeneError("invalid", `cannot read the environment file ${path}`, { cause });
  }
}
