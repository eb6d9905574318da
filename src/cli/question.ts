import { readSync } from "node:fs";
import { KleeneError } from "../errors.ts";
import { writeOutput } from "./standard-output.ts";

const STDIN = 0;

/** Asks on the terminal; only a yes is a yes. */
export async function ask(question: string): Promise<boolean> {
  await writeOutput("stderr", new TextEncoder().encode(`${question} (y/N) `));
  return /^\s*y(es)?\s*$/i.test(readLine());
}

/** Asks before something is removed. @throws KleeneError `invalid` where nobody can be asked */
export async function confirmRemoval(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) throw new KleeneError("invalid", "there is no terminal to ask on: use --force");
  return await ask(question);
}

function readLine(): string {
  const chunk = Buffer.alloc(256);
  let line = "";
  while (!line.includes("\n")) {
    const length = readSync(STDIN, chunk, 0, chunk.length, null);
    if (length === 0) break;
    line += chunk.toString("utf8", 0, length);
  }
  return line;
}
