import { printJson } from "./standard-output.ts";

/** Prints what `look` finds of each name as JSON: one object, or an array of several. */
export async function printInspection(
  names: readonly string[],
  look: (name: string) => Promise<unknown>,
): Promise<number> {
  const found: unknown[] = [];
  for (const name of names) found.push(await look(name));
  await printJson(found.length === 1 ? found[0] : found);
  return 0;
}
