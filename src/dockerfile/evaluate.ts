import { KleeneError } from "../errors.ts";
import { ArgumentScope, GivenArguments } from "./build-arguments.ts";
import { DockerfileError, describeProblem, type Problem } from "./error.ts";
import { ExpansionError, expandWord } from "./expand.ts";
import type { Dockerfile, Instruction } from "./instruction.ts";
import { EffectError, type ParentImage, Stage, variableName } from "./stage.ts";
import type { BuildResult, Effect, Step } from "./step.ts";

type BuildArgs = Readonly<Record<string, string>>;

export interface EvaluationOptions extends ParentImage {
  readonly dockerfile: Dockerfile;
  readonly buildArgs: BuildArgs;
}

export interface Evaluation {
  /** In the order of the file, FROM and the ARGs before it included. */
  readonly steps: readonly Step[];
  readonly result: BuildResult;
  /** For the user, one line each; those of the parser are not among them. */
  readonly warnings: readonly string[];
}

/**
 * The image that FROM names, once the arguments before it have their values: `name:tag@snapshot`, not yet checked.
 * @throws DockerfileError
 */
export function resolveFrom(dockerfile: Dockerfile, buildArgs: BuildArgs): { image: string; line: number } {
  const problems: Problem[] = [];
  const args = argumentsBeforeFrom(dockerfile, new GivenArguments(buildArgs), problems);
  const from = dockerfile.instructions.find((instruction) => instruction.kind === "from");
  if (from === undefined) throw new KleeneError("invalid", "the Dockerfile has no FROM");
  const image = attempt(from, problems, () => {
    const image = expandWord(from.image, (name) => args.get(name), dockerfile.escapeChar);
    if (image === "") throw new EffectError(`${from.image} is empty; only an ARG before FROM gives it a value`);
    return image;
  });
  if (image === undefined || problems.length > 0) throw new DockerfileError(problems);
  return { image, line: from.line };
}

/**
 * Says what each instruction does, on an image with the given configuration. Nothing is done: every mistake that
 * the variables' values bring to light is known before the first step runs.
 * @throws DockerfileError with all of them
 */
export function evaluate({ dockerfile, buildArgs, ...parent }: EvaluationOptions): Evaluation {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const given = new GivenArguments(buildArgs);
  const args = new ArgumentScope(given, argumentsBeforeFrom(dockerfile, given, problems));
  const stage = new Stage(parent, args, dockerfile.escapeChar, (instruction, message) => {
    warnings.push(describeProblem(problem(instruction, message)));
  });
  const before = fromIndex(dockerfile);
  const steps = dockerfile.instructions.flatMap((instruction, index): Step[] => {
    const effect = attempt<Effect>(instruction, problems, () =>
      index < before ? { kind: "arg" } : stage.apply(instruction),
    );
    return effect === undefined ? [] : [{ instruction, effect }];
  });
  if (problems.length > 0) throw new DockerfileError(problems);
  const unused = given.unused(args.declared());
  if (unused.length > 0) warnings.push(`no ARG in the Dockerfile takes the build arguments ${unused.join(", ")}`);
  return { steps, result: stage.result(), warnings };
}

function fromIndex(dockerfile: Dockerfile): number {
  return dockerfile.instructions.findIndex(({ kind }) => kind === "from");
}

function argumentsBeforeFrom(dockerfile: Dockerfile, given: GivenArguments, problems: Problem[]): ArgumentScope {
  const args = new ArgumentScope(given);
  const expand = (word: string) => expandWord(word, (name) => args.get(name), dockerfile.escapeChar);
  for (const instruction of dockerfile.instructions.slice(0, fromIndex(dockerfile))) {
    if (instruction.kind !== "arg") continue;
    attempt(instruction, problems, () => {
      const variables = instruction.variables.map(({ name, value }) => ({
        name: variableName(expand(name)),
        value: value === undefined ? undefined : expand(value),
      }));
      for (const { name, value } of variables) args.declare(name, value);
    });
  }
  return args;
}

function attempt<T>(instruction: Instruction, problems: Problem[], act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ExpansionError || error instanceof EffectError || error instanceof KleeneError)) throw error;
    problems.push(problem(instruction, error.message));
    return undefined;
  }
}

function problem({ line, endLine, kind }: Instruction, message: string): Problem {
  return { line, endLine, instruction: kind.toUpperCase(), message };
}
