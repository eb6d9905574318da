import type { Problem } from "./error.ts";
import type { Escape } from "./instruction.ts";

export interface Directives {
  readonly escapeChar: Escape;
  readonly problems: readonly Problem[];
}

const DIRECTIVE = /^\s*#\s*([a-z][a-z0-9]*)\s*=\s*(\S(?:.*\S)?)\s*$/i;
// `check` and `syntax` choose things that only Docker has.
const IGNORED = new Set(["syntax", "check"]);

/** The parser directives: comments of the form `# name=value` before anything else, blank lines included. */
export function readDirectives(lines: readonly string[]): Directives {
  const problems: Problem[] = [];
  let escapeChar: Escape | undefined;
  for (const [index, text] of lines.entries()) {
    const [, name = "", value = ""] = DIRECTIVE.exec(text) ?? [];
    const directive = name.toLowerCase();
    if (IGNORED.has(directive)) continue;
    if (directive !== "escape") break;
    const refuse = (message: string) =>
      problems.push({ line: index + 1, endLine: index + 1, instruction: "", message });
    if (escapeChar !== undefined) refuse("the parser directive escape stands here a second time");
    else if (value === "\\" || value === "`") escapeChar = value;
    else refuse(`the escape character is \\ or \`, not ${value}`);
  }
  return { escapeChar: escapeChar ?? "\\", problems };
}
