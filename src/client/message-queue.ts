type Message = string | Uint8Array;

/** Messages that wait for their reader. The source is told to pause when they become many, and to go on later. */
export class MessageQueue implements AsyncIterable<Message> {
  #messages: Message[] = [];
  #size = 0;
  #ended = false;
  #paused = false;
  #wake: (() => void) | undefined;

  /** @param limit how much may wait, in bytes, before the source is paused */
  constructor(
    private readonly pause: () => void,
    private readonly resume: () => void,
    private readonly limit = 1024 * 1024,
  ) {}

  push(message: Message): void {
    this.#messages.push(message);
    this.#size += message.length;
    if (this.#size > this.limit && !this.#paused) {
      this.#paused = true;
      this.pause();
    }
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    for (;;) {
      const batch = this.#messages;
      this.#messages = [];
      for (const message of batch) {
        yield message;
        this.#size -= message.length;
      }
      if (this.#messages.length > 0) continue;
      if (this.#ended) return;
      if (this.#paused) {
        this.#paused = false;
        this.resume();
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
