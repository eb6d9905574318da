import type { Problem } from "./error.ts";

/** Where an instruction stands. Lines count from 1; `endLine` is its last one, inclusive. */
export interface Place {
  readonly line: number;
  readonly endLine: number;
  /** The instruction on one line, its continued lines joined: what `Step 2/7 : ...` shows. */
  readonly source: string;
}

/** `RUN make all`, or `RUN ["make", "all"]`. */
export type Command =
  | { readonly form: "shell"; readonly text: string }
  | { readonly form: "exec"; readonly argv: readonly string[] };

/** Texts are as written: variables not replaced, quotes not removed. */
export interface FromInstruction extends Place {
  readonly kind: "from";
  readonly image: string;
  /** The name after `AS`, in lower case. */
  readonly stage: string | undefined;
}

export interface RunInstruction extends Place {
  readonly kind: "run";
  readonly command: Command;
}

export interface CmdInstruction extends Place {
  readonly kind: "cmd";
  readonly command: Command;
}

export interface CopyInstruction extends Place {
  readonly kind: "copy";
  readonly sources: readonly string[];
  readonly destination: string;
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
}

export interface EnvInstruction extends Place {
  readonly kind: "env";
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

export interface ArgInstruction extends Place {
  readonly kind: "arg";
  readonly variables: readonly { readonly name: string; readonly value: string | undefined }[];
}

export interface UserInstruction extends Place {
  readonly kind: "user";
  readonly user: string;
}

export interface WorkdirInstruction extends Place {
  readonly kind: "workdir";
  readonly path: string;
}

export type Instruction =
  | FromInstruction
  | RunInstruction
  | CmdInstruction
  | CopyInstruction
  | EnvInstruction
  | ArgInstruction
  | UserInstruction
  | WorkdirInstruction;

/** The character that continues lines and quotes others; "`" only by the parser directive `# escape=`. */
export type Escape = "\\" | "`";

export interface Dockerfile {
  readonly escapeChar: Escape;
  readonly instructions: readonly Instruction[];
  readonly warnings: readonly Problem[];
}
