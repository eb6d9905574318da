import type { Activity } from "../engine/activity.ts";
import { log } from "../log.ts";

/** Why a daemon ends, and with what exit status. */
export interface Ending {
  readonly why: string;
  readonly status: number;
  /** Nobody asked for it: a client that comes in this moment is still served. */
  readonly idle?: boolean;
}

const GRACEFUL = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const IDLE_INTERVAL = 1_000;

/**
 * Resolves when the daemon has to end: a signal (a second one ends the process at once), a defect that no request
 * caught, or no activity for `idleTimeout` seconds.
 */
export class EndOfDaemon implements Disposable {
  readonly #ending = Promise.withResolvers<Ending>();
  readonly #listeners: (() => void)[] = [];
  #asked = false;

  constructor() {
    for (const signal of GRACEFUL) {
      this.#on(signal, () => {
        if (this.#asked) process.exit(1);
        this.#asked = true;
        this.#ending.resolve({ why: signal, status: 0 });
      });
    }
    // A client that has gone is told by the write's failure.
    this.#on("SIGPIPE", () => {});
    for (const event of ["unhandledRejection", "uncaughtException"]) {
      this.#on(event, (error) => {
        log.error(error);
        this.#ending.resolve({ why: "an internal error", status: 1 });
      });
    }
  }

  get reached(): Promise<Ending> {
    return this.#ending.promise;
  }

  /** Ends the daemon after `seconds` without activity. */
  watchIdleness(activity: Activity, seconds: number): void {
    const timer = setInterval(
      () => {
        if (activity.idleFor() >= seconds * 1000) this.#ending.resolve({ why: "idle", status: 0, idle: true });
      },
      Math.min(IDLE_INTERVAL, seconds * 1000 + 1),
    );
    this.#listeners.push(() => clearInterval(timer));
  }

  [Symbol.dispose](): void {
    for (const remove of this.#listeners) remove();
  }

  #on(event: string, listener: (argument: unknown) => void): void {
    process.on(event, listener);
    this.#listeners.push(() => process.off(event, listener));
  }
}
