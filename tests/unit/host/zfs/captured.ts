import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Implementation = "openzfs" | "zfs-fuse";

/** All that was captured of a program, each command as `$ command`, its output and `[exit N]`. */
export function captured(implementation: Implementation): string {
  return readFileSync(join(import.meta.dir, "../../../fixtures/zfs", `${implementation}.txt`), "utf8");
}

/** What a command printed, the first whose line begins so. */
export function outputOf(implementation: Implementation, command: string): string {
  const blocks = captured(implementation).split(/^\[exit \d+\]\n/m);
  const block = blocks.find((text) => text.startsWith(`$ ${command}`));
  if (block === undefined) throw new Error(`nothing was captured of ${command}`);
  return block.slice(block.indexOf("\n") + 1);
}
