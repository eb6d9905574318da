import type { ArgDef, CommandContext, CommandDef, CommandMeta } from "citty";
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

type Meta = CommandMeta & { readonly description: string };

/** What a command's file says: its arguments, and a function that resolves to the exit status. */
export interface CommandDefinition<T extends Options> {
  readonly meta: Meta;
  readonly args: T;
  /** The first positional ends the options: `run [OPTIONS] IMAGE [COMMAND...]`. */
  readonly optionsFirst?: boolean;
  readonly examples?: readonly string[];
  readonly run: (args: Values<T>, context: Context) => Promise<number>;
}

/**
 * A command of citty's. Its command line is taken apart by `command-line.ts`, for what citty's own parser lacks; `data`
 * in the context that it is run with is a `Context`.
 */
export interface Command extends Omit<CommandDef, "meta" | "args" | "run" | "subCommands"> {
  readonly meta: Meta;
  readonly args: Options;
  readonly optionsFirst?: boolean;
  readonly examples?: readonly string[];
  readonly run: (context: CommandContext) => Promise<number>;
}

type Entries = Readonly<Record<string, () => Promise<Command | CommandGroup>>>;

/** A noun with its verbs, as citty's sub-commands. Each is loaded when it is needed. */
export interface CommandGroup extends Omit<CommandDef, "meta" | "args" | "run" | "subCommands"> {
  readonly meta: Meta;
  readonly subCommands: Entries;
  /** The same under the headings of the help. */
  readonly sections: Readonly<Record<string, Entries>>;
  readonly examples?: readonly string[];
}

export function defineCommand<const T extends Options>({ run, ...definition }: CommandDefinition<T>): Command {
  return {
    ...definition,
    // `bindValues` has made the values by the same definition.
    run: ({ args, data }: CommandContext) => run(args as unknown as Values<T>, data),
  } satisfies CommandDef;
}

export function defineGroup(definition: Omit<CommandGroup, "subCommands">): CommandGroup {
  const subCommands: Entries = Object.assign({}, ...Object.values(definition.sections));
  return { ...definition, subCommands } satisfies CommandDef;
}

export function isGroup(entry: Command | CommandGroup): entry is CommandGroup {
  return "sections" in entry;
}
