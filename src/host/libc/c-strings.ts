import { type Pointer, ptr } from "bun:ffi";

/** C strings in one piece of memory, which stays where it is for as long as this object is used. */
export class CStrings {
  readonly #memory: Uint8Array;
  readonly #offsets = new Map<string, number>();
  readonly #arrays: BigUint64Array[] = [];

  constructor(texts: Iterable<string>) {
    const parts: Buffer[] = [];
    let length = 0;
    for (const text of texts) {
      if (this.#offsets.has(text)) continue;
      const bytes = Buffer.from(`${text}\0`);
      this.#offsets.set(text, length);
      parts.push(bytes);
      length += bytes.length;
    }
    this.#memory = new Uint8Array(Math.max(length, 1));
    let at = 0;
    for (const part of parts) {
      this.#memory.set(part, at);
      at += part.length;
    }
  }

  /** Where a text that was given to the constructor lies. */
  pointer(text: string): Pointer {
    const offset = this.#offsets.get(text);
    if (offset === undefined) throw new RangeError("a text that was not prepared");
    return ptr(this.#memory, offset);
  }

  /** An array of pointers to the texts that ends with a null, as argv and environ are. */
  array(texts: readonly string[]): Pointer {
    const array = new BigUint64Array([...texts.map((text) => BigInt(this.pointer(text))), 0n]);
    this.#arrays.push(array);
    return ptr(array);
  }
}
