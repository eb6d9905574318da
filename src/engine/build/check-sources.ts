import { describeProblem } from "../../dockerfile/error.ts";
import type { Step } from "../../dockerfile/step.ts";
import { errorCode, KleeneError } from "../../errors.ts";
import { findSources } from "./sources.ts";

/**
 * Looks for the sources of every COPY before anything is made; they are looked up again when they are copied.
 *
 * @param file the Dockerfile's name, for messages
 * @throws KleeneError with every problem, one a line: `invalid` outside the context, `not-found`
 */
export async function checkSources(file: string, context: string, steps: readonly Step[]): Promise<void> {
  const failures: { error: KleeneError; line: string }[] = [];
  for (const { effect, instruction } of steps) {
    if (effect.kind !== "copy") continue;
    try {
      await findSources(context, effect.sources);
    } catch (error) {
      if (!(error instanceof KleeneError)) throw error;
      const { line, endLine } = instruction;
      const problem = describeProblem({ line, endLine, instruction: "COPY", message: error.message });
      failures.push({ error, line: `${file}: ${problem}` });
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  throw new KleeneError(errorCode(first.error), failures.map(({ line }) => line).join("\n"));
}
