/** Counts what is under way (requests, builds, attached streams), so that an idle daemon can be told from a busy one. */
export class Activity {
  #running = 0;
  #lastEnd = Date.now();

  /** `using _ = activity.begin()` marks the rest of the scope as activity. */
  begin(): Disposable {
    this.#running++;
    let ended = false;
    return {
      [Symbol.dispose]: () => {
        if (ended) return;
        ended = true;
        this.#running--;
        this.#lastEnd = Date.now();
      },
    };
  }

  /** Milliseconds since the last activity ended; 0 while there is any. */
  idleFor(now = Date.now()): number {
    return this.#running > 0 ? 0 : now - this.#lastEnd;
  }
}
