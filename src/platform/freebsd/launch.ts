import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { KleeneError } from "../../errors.ts";
import { flock } from "../../host/flock.ts";
import type { ExecFailure, ExecSpec } from "./exec-spec.ts";

/** How often the helper is looked at until it has become the process, which takes it some ten milliseconds. */
const POLL = 1;

/** A process that is about to be started by the helper: see `ExecSpec`. */
export class Launch implements Disposable {
  readonly #fd: number;

  constructor(
    readonly file: string,
    spec: ExecSpec,
  ) {
    rmSync(file, { force: true }); // of a daemon that was killed
    writeFileSync(file, JSON.stringify(spec), { mode: 0o600, flag: "wx" });
    this.#fd = openSync(file, "r");
  }

  /**
   * Resolves when the process runs.
   * @param ended resolves when the helper, or the process that it has become, has ended
   * @throws KleeneError what the helper said, once it has ended
   */
  async running(ended: Promise<unknown>): Promise<void> {
    let over = false;
    const noticed = ended.then(
      () => (over = true),
      () => (over = true),
    );
    for (;;) {
      const wasOver = over;
      if (this.#isDone()) break;
      if (wasOver) throw new KleeneError("internal", "the helper ended before it began");
      await Promise.race([noticed, Bun.sleep(POLL)]);
    }
    const failure = this.#failure();
    if (failure === undefined) return;
    await noticed;
    throw failure;
  }

  /** The lock is given up by exec(2) or by the helper's end. */
  #isDone(): boolean {
    return !existsSync(this.file) && flock(this.#fd, "shared");
  }

  #failure(): KleeneError | undefined {
    const text = readFileSync(this.#fd, "utf8");
    if (text === "") return undefined;
    const { code, message } = JSON.parse(text) as ExecFailure;
    return new KleeneError(code, message);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
    rmSync(this.file, { force: true });
  }
}
