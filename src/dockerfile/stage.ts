import type { ArgumentScope } from "./build-arguments.ts";
import { expandWord } from "./expand.ts";
import type { Command, CopyInstruction, Escape, Instruction } from "./instruction.ts";
import { severalNeedDirectory } from "./parse-copy.ts";
import { badUser, isUser } from "./parse-place.ts";
import { badVariableName, isVariableName } from "./parse-variables.ts";
import { isDirectoryPath, resolvePath } from "./path.ts";
import { matchPattern } from "./pattern.ts";
import type { BuildResult, CopyEffect, Effect } from "./step.ts";

/** The configuration of the image that the stage starts from. */
export interface ParentImage {
  /** `NAME=value` each. */
  readonly env: readonly string[];
  readonly user: string;
  readonly workdir: string;
}

/** An instruction that means nothing with the values that its variables have. */
export class EffectError extends Error {}

/** What holds after FROM, instruction by instruction: environment, arguments, user, working directory. */
export class Stage {
  private readonly env: Map<string, string>;
  private user: string;
  private workdir: string;
  private cmd: readonly string[] | undefined;

  constructor(
    parent: ParentImage,
    private readonly args: ArgumentScope,
    private readonly escapeChar: Escape,
    private readonly warn: (instruction: Instruction, message: string) => void,
  ) {
    this.env = new Map(parent.env.map(splitVariable));
    this.user = parent.user;
    this.workdir = parent.workdir === "" ? "/" : parent.workdir;
  }

  /** @throws ExpansionError, EffectError */
  apply(instruction: Instruction): Effect {
    switch (instruction.kind) {
      case "from":
        return { kind: "from" };
      case "arg":
        for (const { name, value } of this.expandVariables(instruction.variables)) this.args.declare(name, value);
        return { kind: "arg" };
      case "env":
        for (const { name, value } of this.expandVariables(instruction.variables)) this.env.set(name, value ?? "");
        return { kind: "env", env: joinVariables(this.env) };
      case "run":
        return {
          kind: "run",
          argv: commandArgv(instruction.command),
          env: joinVariables([...this.env, ...[...this.args.entries()].filter(([name]) => !this.env.has(name))]),
          user: this.user,
          workdir: this.workdir,
        };
      case "cmd":
        this.cmd = commandArgv(instruction.command);
        return { kind: "cmd", argv: this.cmd };
      case "user":
        this.user = this.expandUser(instruction.user);
        if (this.user === "") this.warn(instruction, `${instruction.user} is empty, so the default user holds`);
        return { kind: "user", user: this.user };
      case "workdir":
        this.workdir = resolvePath(this.workdir, this.expandFilled(instruction.path));
        return { kind: "workdir", path: this.workdir };
      case "copy":
        return this.copy(instruction);
    }
  }

  result(): BuildResult {
    return { env: joinVariables(this.env), user: this.user, workdir: this.workdir, cmd: this.cmd };
  }

  private copy(instruction: CopyInstruction): CopyEffect {
    const sources = instruction.sources.map((source) => this.expandFilled(source));
    // A malformed pattern is refused now, rather than when its turn comes.
    for (const component of sources.flatMap((source) => source.split("/"))) matchPattern(component, "");
    const written = this.expand(instruction.destination);
    const directory = isDirectoryPath(written);
    if (sources.length > 1 && !directory) throw new EffectError(severalNeedDirectory(written));
    const path = resolvePath(this.workdir, written);
    const chown = instruction.chown === undefined ? "" : this.expandUser(instruction.chown);
    const chmod = instruction.chmod === undefined ? "" : this.expand(instruction.chmod);
    if (chmod !== "" && !/^[0-7]{1,4}$/.test(chmod)) {
      throw new EffectError(`--chmod takes one to four octal digits, as in --chmod=755, not "${chmod}"`);
    }
    return {
      kind: "copy",
      sources,
      destination: directory && path !== "/" ? `${path}/` : path,
      ...(chown !== "" && { chown }),
      ...(chmod !== "" && { chmod }),
    };
  }

  private expand(word: string): string {
    return expandWord(word, (name) => this.env.get(name) ?? this.args.get(name), this.escapeChar);
  }

  private expandFilled(word: string): string {
    const value = this.expand(word);
    if (value === "") throw new EffectError(`${word} is empty`);
    return value;
  }

  private expandUser(word: string): string {
    const user = this.expand(word);
    if (user !== "" && !isUser(user)) throw new EffectError(badUser(user));
    return user.replace(/:$/, "");
  }

  private expandVariables(variables: readonly { name: string; value: string | undefined }[]) {
    return variables.map(({ name, value }) => ({
      name: variableName(this.expand(name)),
      value: value === undefined ? undefined : this.expand(value),
    }));
  }
}

export function variableName(name: string): string {
  if (!isVariableName(name)) throw new EffectError(badVariableName(name));
  return name;
}

function commandArgv(command: Command): readonly string[] {
  return command.form === "exec" ? command.argv : ["/bin/sh", "-c", command.text];
}

function splitVariable(variable: string): [name: string, value: string] {
  const equals = variable.indexOf("=");
  return equals === -1 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

function joinVariables(variables: Iterable<readonly [name: string, value: string]>): string[] {
  return Array.from(variables, ([name, value]) => `${name}=${value}`);
}
