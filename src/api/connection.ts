import type { StreamMessage } from "../contract/stream.ts";
import { KleeneError } from "../errors.ts";
import { closeReason } from "./frame.ts";

/** What a connection needs of a WebSocket: Bun's `ServerWebSocket` is one. */
export interface Socket {
  /** The bytes sent; -1 when the frame was taken but the socket is full; 0 when it was dropped. */
  send(frame: string | Uint8Array): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

type Frame = string | Uint8Array;

const MAX_WAITING = 64 * 1024 * 1024;
const CLOSE_PATIENCE = 5_000;

/**
 * The daemon's side of one open WebSocket. Frames go out in order, as fast as the client takes them: a source that can
 * wait does so by `drained`; one that cannot (a program's pipe) is ended once 64 MiB are waiting.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #abort = new AbortController();
  readonly #waiting: Frame[] = [];
  #waitingBytes = 0;
  #full = false;
  #open = true;
  #drained = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Raised when what the client asked for is to end: the client has gone, or the daemon ends. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The client has gone, or does not read. */
  clientGone = false;

  write(frame: Frame): void {
    if (!this.#open || frame.length === 0) return;
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    this.#pump();
    if (this.#waitingBytes <= MAX_WAITING) return;
    this.closed("the client does not read the output");
    this.#socket.terminate();
  }

  /** Resolves once the socket has taken every frame, or is closed. */
  async drained(): Promise<void> {
    if (this.#open && (this.#full || this.#waiting.length > 0)) await this.#drained.promise;
  }

  /** Sends what is waiting, then the Close frame; a client that reads nothing is not waited for when the daemon ends. */
  async close(code: number, message: StreamMessage): Promise<void> {
    await Promise.race([this.drained(), patience(this.signal)]);
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close(code, closeReason(message));
  }

  /** Ends what the client asked for, while the client is still there to be told why. */
  stop(reason: KleeneError): void {
    this.#abort.abort(reason);
  }

  /** The socket has room again. */
  hasRoom(): void {
    this.#full = false;
    this.#pump();
  }

  /** The socket has closed. */
  closed(why = "the client has gone"): void {
    if (!this.#open) return;
    this.#open = false;
    this.clientGone = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#drained.resolve();
    this.#abort.abort(new KleeneError("canceled", why));
  }

  #pump(): void {
    while (!this.#full) {
      const frame = this.#waiting.shift();
      if (frame === undefined) {
        this.#drained.resolve();
        this.#drained = Promise.withResolvers();
        return;
      }
      this.#waitingBytes -= frame.length;
      if (this.#socket.send(frame) < 0) this.#full = true;
    }
  }
}

/** Resolves some seconds after the signal was raised. */
async function patience(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
  await new Promise<void>((resolve) => setTimeout(resolve, CLOSE_PATIENCE).unref());
}
