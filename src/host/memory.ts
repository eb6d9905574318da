import { dlopen } from "bun:ffi";
import { readFileSync } from "node:fs";
import { LINUX_LIBC } from "./libc/libc.ts";

/** madvise(2): forget these pages; what is asked for again comes from the file's cache. */
const MADV_DONTNEED = 4;

/**
 * Gives back what an idle process does not need: garbage, and on Linux the executable's own code, of which a start has
 * touched much more than waiting for requests does. The code stays in the system's cache as long as there is room.
 */
export function giveBackMemory(): void {
  Bun.gc(true);
  const ranges = ownCode();
  if (ranges.length === 0) return;
  const libc = dlopen(LINUX_LIBC.library, { madvise: { args: ["u64", "u64", "i32"], returns: "i32" } });
  for (const { start, end } of ranges) libc.symbols.madvise(start, end - start, MADV_DONTNEED);
  libc.close();
}

/** The mappings of the executable that nothing can have written to: proc_pid_maps(5). Empty where there is no such file. */
function ownCode(): { start: bigint; end: bigint }[] {
  let maps: string;
  try {
    maps = readFileSync("/proc/self/maps", "utf8");
  } catch {
    return [];
  }
  return maps.split("\n").flatMap((line) => {
    const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) r-xp .*? (\/\S+)$/.exec(line) ?? [];
    if (start === undefined || !line.endsWith(` ${process.execPath}`)) return [];
    return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }];
  });
}
