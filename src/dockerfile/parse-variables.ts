import { checkWords, type Draft, refuseFlags } from "./draft.ts";
import { isPlain } from "./expand.ts";
import type { ArgInstruction, EnvInstruction } from "./instruction.ts";
import { firstWord, splitWords } from "./words.ts";

/** `ENV A=1 B=2`, or the older `ENV A the rest of the line`. */
export function parseEnv(draft: Draft): EnvInstruction | undefined {
  refuseFlags(draft);
  const words = splitWords(draft.text, draft.escapeChar);
  const first = words[0];
  if (first === undefined) return draft.refuse("the variable is missing: ENV takes NAME=value");
  if (!first.includes("=")) {
    const { word: name, rest: value } = firstWord(draft.text);
    if (value === "") return draft.refuse(`the value is missing: ENV takes NAME=value, as in ${name}=value`);
    checkVariables(draft, [{ name, value }]);
    return { kind: "env", ...draft.place, variables: [{ name, value }] };
  }
  const variables = words.map((word) => {
    const { name, value } = assignment(word);
    if (value === undefined) draft.refuse(`"${word}" has no "=": a value with spaces is written in quotes`);
    return { name, value: value ?? "" };
  });
  checkVariables(draft, variables);
  return { kind: "env", ...draft.place, variables };
}

/** `ARG A B=default`. */
export function parseArg(draft: Draft): ArgInstruction | undefined {
  refuseFlags(draft);
  const variables = splitWords(draft.text, draft.escapeChar).map(assignment);
  if (variables.length === 0) return draft.refuse("the name is missing: ARG takes NAME or NAME=default");
  checkVariables(draft, variables);
  return { kind: "arg", ...draft.place, variables };
}

/** Whether a process can have an environment variable of this name. Shells take fewer names than processes do. */
export function isVariableName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return /^[^\s=\x00-\x1f\x7f]+$/.test(name);
}

export function badVariableName(name: string): string {
  return name === "" ? 'a variable\'s name is missing before the "="' : `"${name}" is not a variable's name`;
}

interface Assignment {
  readonly name: string;
  readonly value: string | undefined;
}

function assignment(word: string): Assignment {
  const equals = word.indexOf("=");
  return equals === -1
    ? { name: word, value: undefined }
    : { name: word.slice(0, equals), value: word.slice(equals + 1) };
}

function checkVariables(draft: Draft, variables: readonly Assignment[]): void {
  for (const { name, value } of variables) {
    if (isPlain(name) && !isVariableName(name)) draft.refuse(badVariableName(name));
    checkWords(draft, [name, value ?? ""]);
  }
}
