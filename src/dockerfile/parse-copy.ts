import { checkWords, type Draft } from "./draft.ts";
import { isPlain } from "./expand.ts";
import type { CopyInstruction } from "./instruction.ts";
import { readJsonForm } from "./json-form.ts";
import { isDirectoryPath } from "./path.ts";
import { splitAtSpaces } from "./words.ts";

export function parseCopy(draft: Draft): CopyInstruction | undefined {
  const { chown, chmod } = readFlags(draft);
  const words = readPaths(draft);
  if (words === undefined) return undefined;
  if (!checkWords(draft, [chown ?? "", chmod ?? "", ...words])) return undefined;
  const sources = words.slice(0, -1);
  const destination = words.at(-1);
  if (destination === undefined) return draft.refuse("the source and the destination are missing");
  if (sources.length === 0) return draft.refuse("the destination is missing: COPY takes a source and a destination");
  if (sources.length > 1 && isPlain(destination) && !isDirectoryPath(destination)) {
    return draft.refuse(severalNeedDirectory(destination));
  }
  return { kind: "copy", ...draft.place, sources, destination, chown, chmod };
}

export function severalNeedDirectory(destination: string): string {
  return `several sources need a directory as destination, written with a "/" at its end: ${destination}/`;
}

function readPaths(draft: Draft): readonly string[] | undefined {
  const json = readJsonForm(draft.text);
  switch (json.kind) {
    case "array":
      if (json.ignored !== "") draft.warn(`the text behind the JSON array is ignored: ${json.ignored}`);
      return json.items;
    case "refused":
      return draft.refuse(json.reason);
    case "malformed":
      draft.warn("this looks like the JSON form but is not valid JSON, so it is split at white space");
      return splitAtSpaces(draft.text);
    case "none":
      return splitAtSpaces(draft.text);
  }
}

function readFlags(draft: Draft): { chown: string | undefined; chmod: string | undefined } {
  const values = new Map<string, string>();
  for (const { name, value } of draft.flags) {
    switch (name) {
      case "chown":
      case "chmod":
        if (value === undefined || value === "") draft.refuse(`--${name} needs a value: --${name}=...`);
        else if (values.has(name)) draft.refuse(`--${name} is given twice`);
        else values.set(name, value);
        break;
      case "from":
        draft.refuse("--from is not supported: COPY takes files of the build context only");
        break;
      case "link":
        draft.warn("--link has no effect: an image has no layers");
        break;
      case "parents":
      case "exclude":
        draft.refuse(`--${name} is not supported`);
        break;
      default:
        draft.refuse(`there is no flag --${name}`);
    }
  }
  return { chown: values.get("chown"), chmod: values.get("chmod") };
}
