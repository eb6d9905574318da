import { ExpansionError, expandWord } from "./expand.ts";
import type { Escape, Place } from "./instruction.ts";
import type { Flag } from "./words.ts";

/** An instruction whose arguments are still text, and where to say what is wrong with them. */
export interface Draft {
  readonly place: Place;
  readonly flags: readonly Flag[];
  /** What follows the name and the flags, trimmed. */
  readonly text: string;
  readonly escapeChar: Escape;
  /** Reports a problem. Returns undefined, so that a reader of arguments can end with it. */
  readonly refuse: (message: string) => undefined;
  readonly warn: (message: string) => void;
}

/** Reports flags that the instruction does not take. */
export function refuseFlags(draft: Draft, notSupported: readonly string[] = []): void {
  for (const { name } of draft.flags) {
    if (notSupported.includes(name)) draft.refuse(`--${name} is not supported`);
    else draft.refuse(`there is no flag --${name}`);
  }
}

/** Reports quotes and braces that are not closed, before any variable has a value. Returns whether there are none. */
export function checkWords(draft: Draft, words: readonly string[]): boolean {
  let correct = true;
  for (const word of words) {
    try {
      expandWord(word, () => "set", draft.escapeChar);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      draft.refuse(error.message);
      correct = false;
    }
  }
  return correct;
}
