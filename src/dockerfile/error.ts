import { KleeneError } from "../errors.ts";

/** Something wrong, or odd, at a place of the Dockerfile. Lines count from 1; `endLine` is the last one, inclusive. */
export interface Problem {
  readonly line: number;
  readonly endLine: number;
  /** The instruction's name in upper case, or "" when the problem is the whole file's. */
  readonly instruction: string;
  readonly message: string;
}

/** Everything that is wrong with a Dockerfile, in the order of its lines; the message has one line for each. */
export class DockerfileError extends KleeneError {
  constructor(readonly problems: readonly Problem[]) {
    super("invalid", problems.map(describeProblem).join("\n"));
  }
}

/** `line 3: COPY: the destination is missing`. */
export function describeProblem({ line, endLine, instruction, message }: Problem): string {
  const lines = line === endLine ? `line ${line}` : `lines ${line}-${endLine}`;
  return instruction === "" ? `${lines}: ${message}` : `${lines}: ${instruction}: ${message}`;
}
