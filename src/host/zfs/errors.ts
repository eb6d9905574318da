import { CommandError, type ErrorCode, KleeneError } from "../../errors.ts";

// Both programs exit 1 (2 after a usage error) whatever the reason: only the text tells. The first match counts.
const REASONS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/permission denied|operation not permitted|must be (super ?user|root)|insufficient privileges/i, "permission"],
  [/failed to initialize ZFS library|ZFS modules? (are|is|cannot be)|\/dev\/zfs|Connection refused/i, "unavailable"],
  // Before the busy ones: a pool being created with a vdev "in use", and "busy" inside a name, are no retries.
  [
    /invalid vdev specification|is part of (active|exported|potentially active) pool|is in use and contains|contains an? .*filesystem/,
    "conflict",
  ],
  [/has dependent clones|has children|depends on/, "in-use"],
  [/(is|device or resource) busy\b|\bdataset busy\b/i, "busy"],
  [/could not unmount datasets|pool or dataset is busy/, "busy"],
  [/out of space|no space left|greater than available space|less than current used|quota exceeded/i, "no-space"],
  [
    /already (exists|mounted|created)|destination '.*' exists|exists and is not empty|directory is not empty/,
    "conflict",
  ],
  [/conflicting snapshot|more recent snapshots|not a cloned filesystem|not currently mounted/, "conflict"],
  [/no mountpoint set|legacy mountpoint|may be in use from other system|last accessed by another system/, "conflict"],
  [
    /does not exist|no such pool|no such device in pool|No such file or directory|cannot resolve path|must be an absolute path/,
    "not-found",
  ],
  [/invalid property|bad property|invalid character|too long|must be (one of|a )|is readonly|minimum size/, "invalid"],
  [/bad numeric value|invalid (argument|option|pool name)|name is reserved|property value/i, "invalid"],
];

// The program's own words for these are "connect: No such file or directory" and the like.
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  unavailable: ", no ZFS is running (kleene init starts it)",
  permission: ", it needs root rights",
};

/** What zfs(8) or zpool(8) means by the text it printed, on OpenZFS and on zfs-fuse. */
export function zfsErrorCode(stderr: string): ErrorCode {
  // A usage text follows the reason and has all kinds of words in it.
  const said = stderr.split(/^usage:/m)[0] ?? "";
  return REASONS.find(([pattern]) => pattern.test(said))?.[1] ?? "internal";
}

/** Gives a program's failure the code that its text means; other errors keep theirs. */
export function zfsError(what: string, cause: unknown): unknown {
  if (!(cause instanceof CommandError)) return cause;
  if (cause.timedOut) return new KleeneError("unavailable", what, { cause });
  const code = zfsErrorCode(cause.stderr);
  return new KleeneError(code, what + (REMEDIES[code] ?? ""), { cause });
}

export function isBusy(error: unknown): boolean {
  return error instanceof KleeneError && error.code === "busy";
}
