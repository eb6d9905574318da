import type { Problem } from "./error.ts";
import type { LogicalLine } from "./lines.ts";
import { isDockersOnly, isSupported } from "./names.ts";
import { firstWord } from "./words.ts";

/** Reports a file without FROM, an instruction before it, and every stage after the first. */
export function checkStages(lines: readonly LogicalLine[]): Problem[] {
  const problems: Problem[] = [];
  const named = lines.map(({ line, endLine, text }) => {
    const { word, rest } = firstWord(text);
    return { line, endLine, instruction: word.toUpperCase(), rest };
  });
  const [first] = named;
  if (first === undefined) {
    return [{ line: 1, endLine: 1, instruction: "", message: "the Dockerfile has no instructions" }];
  }
  const froms = named.filter(({ instruction }) => instruction === "FROM");
  const start = named.find(({ instruction }) => instruction !== "ARG") ?? first;
  // A misspelled name may have been meant as FROM; it is reported for itself.
  const known = isSupported(start.instruction) || isDockersOnly(start.instruction);
  if (known && start.instruction !== "FROM") {
    const message =
      froms.length > 0 ? "only ARG may stand before FROM" : "a Dockerfile begins with FROM, and this one has none";
    problems.push({ line: start.line, endLine: start.endLine, instruction: start.instruction, message });
  }
  for (const { line, endLine, instruction, rest } of froms.slice(1)) {
    const name = /\sAS\s+(\S+)$/i.exec(rest)?.[1];
    const stage = name === undefined ? "a second stage" : `the stage "${name}"`;
    problems.push({ line, endLine, instruction, message: `${stage} is not supported: a Dockerfile has one FROM` });
  }
  return problems;
}
