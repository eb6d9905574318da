import { describeError } from "./errors.ts";
import { log } from "./log.ts";

/**
 * Takes back the finished steps of a change that failed, the last one first, when its scope is left:
 * `await using undo = new Undo()`, `undo.add(...)` after each step, `undo.commit()` after the last.
 * A step that cannot be taken back is logged and does not stop the others.
 */
export class Undo implements AsyncDisposable {
  #steps: { what: string; takeBack: () => unknown }[] = [];

  add(what: string, takeBack: () => unknown): void {
    this.#steps.push({ what, takeBack });
  }

  commit(): void {
    this.#steps = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { what, takeBack } of this.#steps.reverse()) {
      try {
        await takeBack();
      } catch (error) {
        log.error(`cannot take back ${what}: ${describeError(error)}`);
      }
    }
  }
}
