import { hasMarkup } from "./error.ts";

/** A frame with one of these is printed by Kleened's client in bold, read as markup, with a newline added. */
function isRendered(text: string): boolean {
  return (
    (text.includes("Step ") && text.includes(" : ")) ||
    text.includes("--> Snapshot created: @") ||
    text.includes("Using user-supplied parent image:")
  );
}

/** A build's line as text frames for Kleened's client: rendered where that is safe, else as it is. */
export function lineFrames(line: string): string[] {
  return isRendered(line) && !hasMarkup(line) ? [line] : verbatimFrames(`${line}\n`);
}

/** Text as frames that Kleened's client prints unchanged: the words that it looks for are torn apart. */
export function verbatimFrames(text: string): string[] {
  if (!isRendered(text)) return [text];
  return text.split(/(?<= :)(?= )|(?<=--> Snapshot)(?= created: @)|(?<=Using)(?= user-supplied parent image:)/);
}
