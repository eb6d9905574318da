import { KleeneError } from "../errors.ts";
import { type Address, origin } from "./address.ts";
import { MessageQueue } from "./message-queue.ts";
import { encodeFrame, type Frame, FrameReader, OPCODE } from "./websocket-frame.ts";

export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket whose messages wait in the kernel, and so in the daemon, while nobody takes them. */
export interface WebSocketConnection {
  send(text: string): void;
  /** Everything that arrives until the end, to be read once. */
  readonly messages: AsyncIterable<string | Uint8Array>;
  /** How it ended; 1006 when the connection broke. */
  readonly closed: Promise<CloseReason>;
  /** Ends it without waiting for the daemon. */
  close(): void;
}

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CLOSE_NORMAL = 1000;
const CLOSE_NO_CODE = 1005;
const CLOSE_BROKEN = 1006;
const LONGEST_HEAD = 16 * 1024;

/**
 * Opens a WebSocket by hand, because Bun's own cannot be told to wait for a slow reader.
 *
 * @throws KleeneError `unavailable` when the answer is not an upgrade; the system's error when nothing listens
 */
export async function openWebSocket(
  address: Address,
  tls: Bun.TLSOptions | undefined,
  path: string,
): Promise<WebSocketConnection> {
  const opened = Promise.withResolvers<WebSocketConnection>();
  const client = new Client(opened, address, path);
  const handler: Bun.SocketHandler<undefined> = {
    open: (socket) => {
      if (tls === undefined) client.greet(socket);
    },
    handshake: (socket, success, error) => {
      // Bun tells that the certificate is not to be trusted, or another host's, and goes on.
      if (tls?.rejectUnauthorized === true && (!success || error)) {
        client.fail(error ?? Object.assign(new Error("TLS failed"), { code: "ERR_TLS" }));
        socket.end();
      } else client.greet(socket);
    },
    data: (_, chunk) => client.receive(chunk),
    drain: () => client.flush(),
    close: () => client.end({ code: CLOSE_BROKEN, reason: "" }),
    error: (_, error) => client.fail(error),
    connectError: (_, error) => client.fail(error),
  };
  const options = { socket: handler, ...(tls === undefined ? {} : { tls }) };
  // The promise of `connect` repeats what the handler is told.
  if (address.at.kind === "unix") Bun.connect({ ...options, unix: address.at.path }).catch(opened.reject);
  else Bun.connect({ ...options, hostname: address.at.host, port: address.at.port }).catch(opened.reject);
  return await opened.promise;
}

class Client implements WebSocketConnection {
  readonly #closed = Promise.withResolvers<CloseReason>();
  readonly #queue = new MessageQueue(
    () => this.#socket?.pause(),
    () => this.#socket?.resume(),
  );
  readonly #reader = new FrameReader();
  readonly #key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  #socket: Bun.Socket<undefined> | undefined;
  /** The answer's head as far as it has come; undefined once it is complete. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #unsent: Uint8Array = new Uint8Array();
  #fragments: { opcode: number; parts: Uint8Array[] } | undefined;
  #ended = false;

  constructor(
    private readonly opened: PromiseWithResolvers<WebSocketConnection>,
    private readonly address: Address,
    private readonly path: string,
  ) {}

  get messages(): AsyncIterable<string | Uint8Array> {
    return this.#queue;
  }

  get closed(): Promise<CloseReason> {
    return this.#closed.promise;
  }

  send(text: string): void {
    this.#sendFrame(OPCODE.text, new TextEncoder().encode(text));
  }

  close(): void {
    this.#sendFrame(OPCODE.close, closePayload(CLOSE_NORMAL));
    this.end({ code: CLOSE_NORMAL, reason: "" });
    this.#socket?.end();
  }

  greet(socket: Bun.Socket<undefined>): void {
    this.#socket = socket;
    const host = new URL(origin(this.address)).host;
    const head = [
      `GET ${this.path} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${this.#key}`,
      "Sec-WebSocket-Version: 13",
    ];
    this.#write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  }

  receive(chunk: Uint8Array): void {
    try {
      const rest = this.#head === undefined ? chunk : this.#takeHead(this.#head, chunk);
      if (rest === undefined) return;
      for (const frame of this.#reader.push(rest)) this.#take(frame);
    } catch (error) {
      this.fail(error);
      this.#socket?.end();
    }
  }

  /** Ends the stream: what arrived before can still be read. */
  end(reason: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.opened.reject(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }));
    this.#closed.resolve(reason);
    this.#queue.end();
  }

  fail(error: unknown): void {
    this.opened.reject(error);
    this.end({ code: CLOSE_BROKEN, reason: "" });
  }

  flush(): void {
    const unsent = this.#unsent;
    this.#unsent = new Uint8Array();
    if (unsent.length > 0) this.#write(unsent);
  }

  /** @returns what follows the head, or undefined while it is incomplete */
  #takeHead(before: Buffer, chunk: Uint8Array): Uint8Array | undefined {
    const received = Buffer.concat([before, chunk]);
    const end = received.indexOf("\r\n\r\n");
    if (end < 0 && received.length <= LONGEST_HEAD) {
      this.#head = received;
      return undefined;
    }
    const head = received.toString("latin1", 0, Math.max(end, 0));
    const accept = new Bun.CryptoHasher("sha1").update(this.#key + ACCEPT_SUFFIX).digest("base64");
    const answered = /^sec-websocket-accept:\s*(\S+)\s*$/im.exec(head)?.[1];
    if (!/^HTTP\/1\.1 101 /.test(head) || answered !== accept) {
      const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? "no HTTP status";
      throw new KleeneError("unavailable", `the daemon refused the stream ${this.path} (${status})`);
    }
    this.#head = undefined;
    this.opened.resolve(this);
    return received.subarray(end + 4);
  }

  #take(frame: Frame): void {
    if (frame.opcode === OPCODE.ping) this.#sendFrame(OPCODE.pong, frame.payload);
    else if (frame.opcode === OPCODE.close) this.#takeClose(frame.payload);
    else if (frame.opcode !== OPCODE.pong) this.#takeData(frame);
  }

  #takeData({ final, opcode, payload }: Frame): void {
    if (opcode !== OPCODE.continuation) this.#fragments = { opcode, parts: [] };
    if (this.#fragments === undefined) throw new KleeneError("unavailable", "the daemon sent a bad frame");
    this.#fragments.parts.push(payload);
    if (!final) return;
    const whole = this.#fragments.parts.length === 1 ? payload : Buffer.concat(this.#fragments.parts);
    this.#queue.push(this.#fragments.opcode === OPCODE.text ? new TextDecoder().decode(whole) : whole);
    this.#fragments = undefined;
  }

  #takeClose(payload: Uint8Array): void {
    const code = payload.length < 2 ? CLOSE_NO_CODE : new DataView(payload.buffer, payload.byteOffset).getUint16(0);
    this.#sendFrame(OPCODE.close, payload.subarray(0, 2));
    // Before the socket's end, which is told at once and would be taken for a broken connection.
    this.end({ code, reason: new TextDecoder().decode(payload.subarray(2)) });
    this.#socket?.end();
  }

  #sendFrame(opcode: number, payload: Uint8Array): void {
    if (!this.#ended) this.#write(encodeFrame(opcode, payload, crypto.getRandomValues(new Uint8Array(4))));
  }

  #write(bytes: Uint8Array): void {
    if (this.#unsent.length > 0) {
      this.#unsent = Buffer.concat([this.#unsent, bytes]);
      return;
    }
    const written = Math.max(0, this.#socket?.write(bytes) ?? 0);
    if (written < bytes.length) this.#unsent = bytes.subarray(written);
  }
}

function closePayload(code: number): Uint8Array {
  return new Uint8Array([code >> 8, code & 0xff]);
}
