import { checkWords, type Draft, refuseFlags } from "./draft.ts";
import { isPlain } from "./expand.ts";
import type { UserInstruction, WorkdirInstruction } from "./instruction.ts";

export function parseUser(draft: Draft): UserInstruction | undefined {
  refuseFlags(draft);
  const user = draft.text;
  if (user === "") return draft.refuse("the user is missing: USER takes user or user:group, names or numbers");
  checkWords(draft, [user]);
  if (isPlain(user) && !isUser(user)) return draft.refuse(badUser(user));
  return { kind: "user", ...draft.place, user };
}

/** Spaces belong to the path, as with Docker. */
export function parseWorkdir(draft: Draft): WorkdirInstruction | undefined {
  refuseFlags(draft);
  if (draft.text === "") return draft.refuse("the directory is missing");
  checkWords(draft, [draft.text]);
  return { kind: "workdir", ...draft.place, path: draft.text };
}

/** `user` or `user:group`, names or numbers. */
export function isUser(text: string): boolean {
  return /^[^\s:]+(?::[^\s:]*)?$/.test(text);
}

export function badUser(text: string): string {
  return `"${text}" is not user or user:group`;
}
