import { splitWords } from "./words.ts";

const WITH_HERE_DOCUMENT = /^(?:RUN|COPY|ADD)\s/i;
const REDIRECTION = /^\d*<<(?<tabs>-?)(?<quote>["']?)(?<terminator>[^\s<"']+)\k<quote>$/;

/**
 * Finds the here-documents (`RUN <<EOF`) that an instruction announces.
 * @returns the index of the line behind the last one, `next` itself if one never ends; undefined if there is none
 */
export function hereDocuments(instruction: string, lines: readonly string[], next: number): number | undefined {
  if (!WITH_HERE_DOCUMENT.test(instruction) || !instruction.includes("<<")) return undefined;
  const announced = splitWords(instruction, "\\").flatMap((word) => {
    const { tabs = "", terminator = "" } = REDIRECTION.exec(word)?.groups ?? {};
    return terminator === "" ? [] : [{ tabs, terminator }];
  });
  if (announced.length === 0) return undefined;
  let at = next;
  for (const { tabs, terminator } of announced) {
    while (at < lines.length && content(lines[at] ?? "", tabs === "-") !== terminator) at += 1;
    if (at === lines.length) return next;
    at += 1;
  }
  return at;
}

/** `<<-` lets tabs stand before the text and its end. */
function content(line: string, tabs: boolean): string {
  return tabs ? line.replace(/^\t+/, "") : line;
}
