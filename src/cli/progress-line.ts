import { writeSync } from "node:fs";
import type { StreamProgress } from "../contract/stream.ts";
import { printable, size } from "./output.ts";

const STDERR = 2;
const ERASE = "\r\x1b[K";
/** Milliseconds between two drawings. */
const INTERVAL = 100;
const BAR = 24;

/** The state of a long step on one line of the terminal, rewritten in place; silent where stderr is no terminal. */
export class ProgressLine {
  #shown = false;
  #last = 0;

  constructor(private readonly onTerminal = process.stderr.isTTY === true) {}

  show(progress: StreamProgress, now = Date.now()): void {
    if (!this.onTerminal) return;
    const finished = progress.total !== null && progress.done >= progress.total;
    if (!finished && now - this.#last < INTERVAL) return;
    this.#last = now;
    this.#shown = true;
    this.#draw(`${ERASE}${progressText(progress, process.stderr.columns ?? 80)}`);
  }

  /** Takes the line away; called before anything else is written. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#draw(ERASE);
  }

  /** A drawing that does not fit into the terminal's queue now is not worth waiting for. */
  #draw(text: string): void {
    try {
      writeSync(STDERR, text);
    } catch {
      this.#shown = false;
    }
  }
}

export function progressText({ what, done, total }: StreamProgress, columns: number): string {
  if (total === null || total <= 0) return `${printable(what)}  ${size(done)}`.slice(0, columns - 1);
  const part = Math.min(1, done / total);
  const full = Math.round(part * BAR);
  const bar = `${"=".repeat(full)}${" ".repeat(BAR - full)}`;
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  return `${printable(what)}  |${bar}| ${percent}  ${size(done)} of ${size(total)}`.slice(0, columns - 1);
}
