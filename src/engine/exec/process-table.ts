import type { Id } from "../../contract/names.ts";
import { KleeneError } from "../../errors.ts";
import type { SupervisedProcess } from "../../platform/runtime.ts";

/** The running processes that this daemon watches, by execution instance, and who reads their output. */
export class ProcessTable {
  readonly #running = new Map<Id, { process: SupervisedProcess; settled: Promise<void> }>();
  readonly #readers = new Map<Id, { count: number; gone: PromiseWithResolvers<void> }>();
  readonly #removals = new Map<Id, Promise<void>>();

  /** @param settled resolves when the end of the process is in the database, too */
  add(id: Id, process: SupervisedProcess, settled: Promise<void>): void {
    this.#running.set(id, { process, settled });
  }

  delete(id: Id): void {
    this.#running.delete(id);
  }

  get(id: Id): SupervisedProcess | undefined {
    return this.#running.get(id)?.process;
  }

  /** @throws KleeneError `conflict` when it does not run */
  require(id: Id): SupervisedProcess {
    const process = this.get(id);
    if (process === undefined) throw new KleeneError("conflict", `the execution instance ${id} is not running`);
    return process;
  }

  /** Resolves when the process has ended and the database knows it; at once when it does not run. */
  async settled(id: Id): Promise<void> {
    await this.#running.get(id)?.settled;
  }

  /** Keeps the output until it is disposed of, though the container be removed at its end (`--rm`). */
  hold(id: Id): Disposable {
    const readers = this.#readers.get(id) ?? { count: 0, gone: Promise.withResolvers<void>() };
    this.#readers.set(id, readers);
    readers.count++;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        if (--readers.count > 0) return;
        this.#readers.delete(id);
        readers.gone.resolve();
      },
    };
  }

  /** Resolves when nobody holds the output any more. */
  async unheld(id: Id): Promise<void> {
    await this.#readers.get(id)?.gone.promise;
  }

  /** A container that is being removed because its process has ended. */
  addRemoval(containerId: Id, removal: Promise<void>): void {
    this.#removals.set(
      containerId,
      removal.finally(() => this.#removals.delete(containerId)),
    );
  }

  async removed(containerId: Id): Promise<void> {
    await this.#removals.get(containerId);
  }
}
