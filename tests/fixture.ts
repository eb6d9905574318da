import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a program printed: `tests/fixtures/<program>/<name>.txt`. */
export function fixture(program: string, name: string): string {
  return readFileSync(join(import.meta.dir, "fixtures", program, `${name}.txt`), "utf8");
}
