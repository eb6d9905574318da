/** One change at a time per object: the second waits for the first. Locks are named, `container 0123456789ab`. */
export class Locks {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `change` when every earlier change of the same name has ended, however it ended. */
  async hold<T>(name: string, change: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    const tail = before.then(() => done);
    this.#tails.set(name, tail);
    await before;
    try {
      return await change();
    } finally {
      release();
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
    }
  }
}
