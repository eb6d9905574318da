import type { Argv } from "../../host/exec.ts";
import type { JailFile } from "../../host/jail/jail.ts";

/**
 * What a supervisor runs when its process has ended: removes the jail, with its file, if no process is left in it. The
 * ID tells this jail from a later one of the same name. A file whose jail could not be removed cleanly stays, for the
 * next look at it. Arguments: $1 the ID, $2 the name, $3 the file.
 */
export const REMOVE_IF_LAST = `
jls -j "$1" jid >/dev/null 2>&1 || exit 0
[ -z "$(ps -J "$1" -o pid= 2>/dev/null)" ] || exit 0
TERM=dumb
export TERM
jail -q -f "$3" -r "$2" && rm -f "$3"
`;

/** The argv; two supervisors of one jail, or one and a stop, take turns by the lock. */
export function removeIfLast({ name, conf }: JailFile, jid: number, lock: string): Argv {
  return ["/usr/bin/lockf", lock, "/bin/sh", "-c", REMOVE_IF_LAST, "kleene-last", String(jid), name, conf];
}
