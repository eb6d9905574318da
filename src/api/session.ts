import { KleeneError } from "../errors.ts";
import { log } from "../log.ts";
import { Connection, type Socket } from "./connection.ts";
import type { Client, Endpoint } from "./endpoint.ts";
import { errorAnswer } from "./error.ts";
import { framedStream, plainStream, type Stream } from "./stream.ts";
import { parseJson } from "./valid.ts";

const MAX_CONFIG = 1024 * 1024;
const CONFIG_PATIENCE = 30_000;

/** One WebSocket from its opening to its end: the configuration, the operation with its output, the Close frame. */
export class Session {
  readonly #endpoint: Endpoint;
  readonly #configPatience: number;
  readonly #done = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #client: Client | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param configPatience milliseconds within which the configuration must have come */
  constructor(endpoint: Endpoint, configPatience = CONFIG_PATIENCE) {
    this.#endpoint = endpoint;
    this.#configPatience = configPatience;
  }

  /** Resolves when the operation has ended, with its clean-up, and the client knows. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  opened(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connection = connection;
    this.#timer = setTimeout(() => {
      this.#refuse(connection, 1008, new KleeneError("invalid", "the configuration did not come in time"));
    }, this.#configPatience);
  }

  received(frame: string | Uint8Array): void {
    if (this.#client !== undefined) {
      if (typeof frame === "string") this.#client.onText(frame);
      return;
    }
    const connection = this.#connection;
    if (connection === undefined || this.#timer === undefined) return;
    this.#stopTimer();
    if (frame.length > MAX_CONFIG) {
      this.#refuse(connection, 1009, new KleeneError("invalid", "the configuration is larger than 1 MiB"));
    } else if (typeof frame !== "string") {
      this.#refuse(connection, 1003, new KleeneError("invalid", "the configuration is not a text frame"));
    } else {
      this.#configured(connection, frame);
    }
  }

  #configured(connection: Connection, text: string): void {
    let config: unknown;
    try {
      config = parseJson(text);
    } catch (error) {
      this.#refuse(connection, 1011, error);
      return;
    }
    this.#start(connection, config);
  }

  hasRoom(): void {
    this.#connection?.hasRoom();
  }

  closed(): void {
    this.#connection?.closed();
    // Without a client there was no operation to wait for.
    if (this.#timer === undefined) return;
    this.#stopTimer();
    this.#done.resolve();
  }

  /** Ends the operation because the daemon ends. */
  stop(reason: KleeneError): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.stop(reason);
    if (this.#timer !== undefined) this.#refuse(connection, 1011, reason);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(connection: Connection, config: unknown): void {
    const framed = isFramed(config);
    const client: Client = { connection, framed, onText: () => {} };
    this.#client = client;
    const stream = framed ? framedStream(connection) : plainStream(connection, this.#endpoint.encoding);
    const ended = this.#endpoint.run(config, stream, client).then(
      async ({ code, message, data, result }) => {
        if (framed) stream.starting("");
        stream.result(result);
        await connection.close(code, { msg_type: "closing", message, data });
      },
      async (error) => await this.#fail(connection, stream, 1011, error),
    );
    this.#endWith(ended);
  }

  #refuse(connection: Connection, code: number, error: unknown): void {
    this.#stopTimer();
    this.#endWith(this.#fail(connection, plainStream(connection, this.#endpoint.encoding), code, error));
  }

  async #fail(connection: Connection, stream: Stream, code: number, error: unknown): Promise<void> {
    if (connection.clientGone) return logUnheard(error);
    const answer = errorAnswer(connection.signal.aborted ? connection.signal.reason : error);
    const { message, data, exitCode } = this.#endpoint.failure(error, answer.message, stream.started);
    stream.starting("");
    stream.failed(answer, exitCode);
    await connection.close(code, { msg_type: "error", message, data });
  }

  #endWith(ended: Promise<void>): void {
    ended.catch((error) => log.error(error)).finally(() => this.#done.resolve());
  }
}

/** Only a defect of ours is news when nobody listens any more. */
function logUnheard(error: unknown): void {
  if (!(error instanceof KleeneError) || error.code === "internal") log.error(error);
}

/** Readable before the configuration is checked, so that even a refusal comes in the client's own encoding. */
function isFramed(config: unknown): boolean {
  if (typeof config !== "object" || config === null || !("framed" in config)) return false;
  return config.framed === true || config.framed === "true";
}
