import { describeError, errorCode, KleeneError } from "../errors.ts";
import { exitStatus } from "./exit-status.ts";
import { failureText } from "./output.ts";
import { print, say } from "./standard-output.ts";

/**
 * Does the same to each object, one after the other, and prints what each gives. One that fails does not keep the
 * others from their turn; the exit status is then that of the first failure.
 *
 * @param ignoreMissing an object that is not there is no failure
 */
export async function each(
  program: string,
  names: readonly string[],
  operation: (name: string) => Promise<string>,
  { ignoreMissing = false } = {},
): Promise<number> {
  let status = 0;
  for (const name of names) {
    let done: string;
    try {
      done = await operation(name);
    } catch (error) {
      if (ignoreMissing && errorCode(error) === "not-found") continue;
      await say(failureText(program, names.length > 1 ? about(name, error) : error));
      status ||= exitStatus(error);
      continue;
    }
    await print(done);
  }
  return status;
}

/** Of several objects, which one a failure is about. */
function about(name: string, error: unknown): unknown {
  const message = describeError(error);
  return message.includes(name) ? error : new KleeneError(errorCode(error), `${name}: ${message}`);
}
