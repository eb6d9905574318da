import type { ArgDef, CommandMeta } from "citty";
import type { Connection } from "../client/connection.ts";

/** citty's definition of an argument, and what it lacks. */
export type Option = ArgDef & {
  /** May be given several times, or (a positional) takes all that is left. */
  readonly multiple?: boolean;
  /** Left out of the help. */
  readonly hidden?: boolean;
  /** What the option waits for ("networks"): it is understood, left out of the help, and refused. */
  readonly planned?: string;
};
export type Options = Readonly<Record<string, Option>>;

type OptionValue<O extends Option> = O extends { multiple: true }
  ? readonly string[]
  : O extends { type: "boolean" }
    ? O extends { negativeDescription: string }
      ? boolean | undefined
      : boolean
    : O extends { type: "enum"; options: readonly (infer Word)[] }
      ? O extends { default: string }
        ? Word
        : Word | undefined
      : O extends { default: string }
        ? string
        : O extends { type: "positional" }
          ? O extends { required: false }
            ? string | undefined
            : string
          : string | undefined;

/** The values of a command line. A boolean with a `negativeDescription` is undefined unless it was given. */
export type Values<T extends Options> = { readonly [Name in keyof T]: OptionValue<T[Name]> };

/** What a command has at hand beside its arguments. */
export interface Context {
  /** How the executable was called: `kleene` or `klee`. */
  readonly program: string;
  /** The way to the daemon; nothing is sent before the first request. */
  readonly connect: () => Promise<Connection>;
}

/** A command: its arguments, and a function that resolves to the exit status. */
export interface CommandDefinition<T extends Options> {
  readonly meta: CommandMeta & { readonly description: string };
  readonly args: T;
  /** The first positional ends the options: `run [OPTIONS] IMAGE [COMMAND...]`. */
  readonly optionsFirst?: boolean;
  readonly examples?: readonly string[];
  readonly run: (args: Values<T>, context: Context) => Promise<number>;
}

/** A command whose arguments' types were forgotten: what the command tree holds. */
export interface Command {
  readonly meta: CommandMeta & { readonly description: string };
  readonly args: Options;
  readonly optionsFirst?: boolean;
  readonly examples?: readonly string[];
  readonly run: (args: never, context: Context) => Promise<number>;
}

/** A noun with its verbs. Each is loaded when it is needed. */
export interface CommandGroup {
  readonly meta: CommandMeta & { readonly description: string };
  /** Headings of the help, each with its commands. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, () => Promise<Command | CommandGroup>>>>>;
  readonly examples?: readonly string[];
}

export function defineCommand<const T extends Options>(definition: CommandDefinition<T>): Command {
  return definition as Command;
}

export function isGroup(entry: Command | CommandGroup): entry is CommandGroup {
  return "sections" in entry;
}
