/** What the main ruleset needs, so that Kleene's own rules can live in anchors. */
const TRANSLATION_ANCHORS = ['nat-anchor "kleene/*"', 'rdr-anchor "kleene/*"'];
const FILTER_ANCHOR = 'anchor "kleene/*"';

const FILTER_STATEMENT = /^\s*(pass|block|match|anchor|antispoof|load)\b(?!-)/;

const NEW_FILE = `# Kleene's rules live in these anchors; rules of yours may stand around them.
${TRANSLATION_ANCHORS.join("\n")}
${FILTER_ANCHOR}
`;

/** The anchors that a pf.conf(5) lacks, as the lines to add. */
export function missingAnchors(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
  return [...TRANSLATION_ANCHORS, FILTER_ANCHOR].filter((anchor) => {
    return !lines.some((line) => line.startsWith(anchor) || line.startsWith(anchor.replaceAll('"', "")));
  });
}

/**
 * The pf.conf(5) with Kleene's anchors: those of translation after the operator's own translation, of which the first
 * match counts; that of filtering at the end, so that the operator's `quick` rules have the last word. pf wants
 * translation before filtering.
 */
export function withAnchors(text: string): string {
  if (text.trim() === "") return NEW_FILE;
  const missing = missingAnchors(text);
  const translation = missing.filter((anchor) => anchor !== FILTER_ANCHOR);
  const lines = text.replace(/\n+$/, "").split("\n");
  lines.splice(firstFilterStatement(lines), 0, ...translation);
  if (missing.includes(FILTER_ANCHOR)) lines.push(FILTER_ANCHOR);
  return `${lines.join("\n")}\n`;
}

/** Where filtering begins, the comment above it included; the end where there is no filtering. */
function firstFilterStatement(lines: readonly string[]): number {
  let braces = 0;
  let continued = false;
  for (const [index, line] of lines.entries()) {
    const code = line.replace(/"[^"]*"/g, '""').replace(/#.*/, "");
    if (braces === 0 && !continued && FILTER_STATEMENT.test(code)) return aboveComments(lines, index);
    braces += count(code, "{") - count(code, "}");
    continued = code.trimEnd().endsWith("\\");
  }
  return lines.length;
}

function aboveComments(lines: readonly string[], index: number): number {
  let at = index;
  while (lines[at - 1]?.trimStart().startsWith("#")) at--;
  return at;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
