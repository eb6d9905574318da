import type { RunEffect, Step } from "../../dockerfile/step.ts";
import { KleeneError } from "../../errors.ts";
import type { Jail, OnOutput, PreparedRun, Process, Runtime } from "../../platform/runtime.ts";
import { DEFAULT_PATH, mergeEnvironment } from "../environment.ts";

/** Runs the RUN instructions of a build one after another, and makes the next one ready while one runs. */
export class RunAhead implements AsyncDisposable {
  readonly #effects: readonly RunEffect[];
  #next: { effect: RunEffect; prepared: Promise<PreparedRun | undefined> } | undefined;

  constructor(
    private readonly runtime: Pick<Runtime, "run" | "prepareRun">,
    private readonly jail: Jail,
    steps: readonly Step[],
    /** Of the build container: it wins over the Dockerfile's. */
    private readonly env: readonly string[],
  ) {
    this.#effects = steps.flatMap(({ effect }) => (effect.kind === "run" ? [effect] : []));
  }

  /** Resolves to the exit status. @throws what `Runtime.run` throws */
  async run(effect: RunEffect, onOutput: OnOutput, signal: AbortSignal): Promise<number> {
    const prepared = await this.#take(effect);
    const running =
      prepared === undefined
        ? this.runtime.run(this.jail, this.#process(effect), onOutput, signal)
        : prepared.run(onOutput, signal);
    this.#prepareAfter(effect);
    return await running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const prepared = await this.#next?.prepared;
    this.#next = undefined;
    await prepared?.discard();
  }

  async #take(effect: RunEffect): Promise<PreparedRun | undefined> {
    if (this.#next?.effect !== effect) return undefined;
    const { prepared } = this.#next;
    this.#next = undefined;
    return await prepared;
  }

  #prepareAfter(effect: RunEffect): void {
    const following = this.#effects[this.#effects.indexOf(effect) + 1];
    if (following === undefined) return;
    const prepared = this.runtime.prepareRun?.(this.jail, this.#process(following)).catch(() => undefined);
    if (prepared !== undefined) this.#next = { effect: following, prepared };
  }

  #process({ argv: [program, ...args], env, user, workdir }: RunEffect): Process {
    if (program === undefined) throw new KleeneError("invalid", "there is no command");
    return { argv: [program, ...args], env: mergeEnvironment([DEFAULT_PATH], env, this.env), user, cwd: workdir };
  }
}
