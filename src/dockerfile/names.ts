import { editDistance } from "../suggestion.ts";

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
    .map((known) => ({ known, slips: editDistance(name, known) }))
    .filter(({ known, slips }) => slips <= (known.length > 5 ? 2 : 1))
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.known;
}
