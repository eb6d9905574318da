const SUPPORTED = ["FROM", "RUN", "CMD", "COPY", "ENV", "ARG", "USER", "WORKDIR"] as const;
export type InstructionName = (typeof SUPPORTED)[number];

const NOT_SUPPORTED: readonly string[] = [
  "ADD",
  "ENTRYPOINT",
  "EXPOSE",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "SHELL",
  "STOPSIGNAL",
  "VOLUME",
];

export function isSupported(name: string): name is InstructionName {
  return SUPPORTED.some((supported) => supported === name);
}

/** Whether it is one of Docker's instructions that Kleene does not have. */
export function isDockersOnly(name: string): boolean {
  return NOT_SUPPORTED.includes(name);
}

/** The instruction that was probably meant by a name in upper case: one slip away, two for long names. */
export function similarName(name: string): string | undefined {
  if (name.length > 20) return undefined;
  const near = [...SUPPORTED, ...NOT_SUPPORTED]
    .map((known) => ({ known, slips: slips(name, known) }))
    .filter(({ known, slips }) => slips <= (known.length > 5 ? 2 : 1))
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.known;
}

/** How many letters were left out, added, changed, or swapped with their neighbour. */
function slips(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const cost = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cost(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      const changed = cost(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(cost(i - 1, j) + 1, cost(i, j - 1) + 1, changed, swapped));
    }
  }
  return cost(a.length, b.length);
}
