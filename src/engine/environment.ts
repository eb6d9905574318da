/** What a container's environment begins with, unless its image says otherwise; Docker's order of directories. */
export const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Joins lists of `NAME=value`: a later value replaces an earlier one in its place. `NAME` alone removes it. */
export function mergeEnvironment(...lists: readonly (readonly string[])[]): string[] {
  const variables = new Map<string, string>();
  for (const variable of lists.flat()) {
    const equals = variable.indexOf("=");
    if (equals < 0) variables.delete(variable);
    else variables.set(variable.slice(0, equals), variable);
  }
  return [...variables.values()];
}
