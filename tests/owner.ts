import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OWNER = "owner";

/**
 * Creates a directory for a test's leftovers and notes in it which process it belongs to: the sweep before a run
 * leaves it alone while that process lives.
 */
export function claimDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, OWNER), identityOf(process.pid) ?? String(process.pid));
}

export function isOwned(directory: string): boolean {
  const path = join(directory, OWNER);
  if (!existsSync(path)) return false;
  const owner = readFileSync(path, "utf8").trim();
  return identityOf(Number.parseInt(owner, 10)) === owner;
}

/** The pid, with the process's start where the system shows it, so that a pid used again is not mistaken. */
function identityOf(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const stat = `/proc/${pid}/stat`;
  if (existsSync(stat)) {
    const text = readFileSync(stat, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${pid} ${fields[19]}`;
  }
  if (existsSync("/proc/self/stat")) return undefined;
  try {
    process.kill(pid, 0);
    return String(pid);
  } catch {
    return undefined;
  }
}
