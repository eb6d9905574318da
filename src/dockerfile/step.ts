import type { Instruction } from "./instruction.ts";

/** What an instruction does, its variables replaced and its quotes removed. */
export type Effect =
  | { readonly kind: "from" }
  | { readonly kind: "arg" }
  | { readonly kind: "env"; readonly env: readonly string[] }
  | { readonly kind: "cmd"; readonly argv: readonly string[] }
  /** "" is the default user. */
  | { readonly kind: "user"; readonly user: string }
  /** Absolute and without `.` and `..`; made if the image has no such directory. */
  | { readonly kind: "workdir"; readonly path: string }
  | RunEffect
  | CopyEffect;

export interface RunEffect {
  readonly kind: "run";
  readonly argv: readonly string[];
  /** `NAME=value`: the image's environment, and the build arguments, which the image does not keep. */
  readonly env: readonly string[];
  readonly user: string;
  readonly workdir: string;
}

export interface CopyEffect {
  readonly kind: "copy";
  /** Relative to the context (a "/" in front is the context too); may hold wildcards, see `matchPattern`. */
  readonly sources: readonly string[];
  /** Absolute; a "/" at its end says that it is a directory. */
  readonly destination: string;
  /** `user` or `user:group`, names or numbers. */
  readonly chown?: string;
  /** Octal digits. */
  readonly chmod?: string;
}

export interface Step {
  readonly instruction: Instruction;
  readonly effect: Effect;
}

/** The configuration of the image after the last step. */
export interface BuildResult {
  readonly env: readonly string[];
  readonly user: string;
  readonly workdir: string;
  /** Undefined: no CMD in the Dockerfile, so the parent image's holds. */
  readonly cmd: readonly string[] | undefined;
}
