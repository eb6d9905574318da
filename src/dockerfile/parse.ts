import { readDirectives } from "./directives.ts";
import type { Draft } from "./draft.ts";
import { DockerfileError, type Problem } from "./error.ts";
import type { Dockerfile, Escape, Instruction } from "./instruction.ts";
import { type LogicalLine, logicalLines, MAX_INSTRUCTIONS, physicalLines } from "./lines.ts";
import { type InstructionName, isDockersOnly, isSupported, similarName } from "./names.ts";
import { parseCmd, parseRun } from "./parse-command.ts";
import { parseCopy } from "./parse-copy.ts";
import { parseFrom } from "./parse-from.ts";
import { parseUser, parseWorkdir } from "./parse-place.ts";
import { parseArg, parseEnv } from "./parse-variables.ts";
import { checkStages } from "./stages.ts";
import { firstWord, splitFlags } from "./words.ts";

const PARSERS: Readonly<Record<InstructionName, (draft: Draft) => Instruction | undefined>> = {
  FROM: parseFrom,
  RUN: parseRun,
  CMD: parseCmd,
  COPY: parseCopy,
  ENV: parseEnv,
  ARG: parseArg,
  USER: parseUser,
  WORKDIR: parseWorkdir,
};

// Something else than a Dockerfile may have one endless word.
const MAX_SHOWN = 40;
/** Of all ENV and ARG together. */
const MAX_VARIABLES = 1_000;

/**
 * Reads a Dockerfile; nothing is replaced yet (see `evaluate`).
 * @throws DockerfileError with everything that is wrong in it
 */
export function parseDockerfile(text: string): Dockerfile {
  const physical = physicalLines(text);
  const { escapeChar, problems: wrongDirectives } = readDirectives(physical);
  const lines = logicalLines(physical, escapeChar);
  const beyond = lines[MAX_INSTRUCTIONS];
  if (beyond !== undefined) throw tooMany(beyond, `${MAX_INSTRUCTIONS} instructions`);
  const problems = [...wrongDirectives, ...checkStages(lines)];
  const warnings: Problem[] = [];
  const instructions = lines.flatMap((line) => parseInstruction(line, escapeChar, problems, warnings) ?? []);
  if (problems.length > 0) throw new DockerfileError(problems.sort((a, b) => a.line - b.line));
  checkVariables(instructions);
  return { escapeChar, instructions, warnings };
}

function checkVariables(instructions: readonly Instruction[]): void {
  let count = 0;
  for (const instruction of instructions) {
    if (instruction.kind !== "env" && instruction.kind !== "arg") continue;
    count += instruction.variables.length;
    if (count > MAX_VARIABLES) throw tooMany(instruction, `${MAX_VARIABLES} variables`);
  }
}

function tooMany({ line, endLine }: Pick<Problem, "line" | "endLine">, what: string): DockerfileError {
  return new DockerfileError([{ line, endLine, instruction: "", message: `a Dockerfile has at most ${what}` }]);
}

function parseInstruction(
  { line, endLine, text, hasGap, hasHereDocument }: LogicalLine,
  escapeChar: Escape,
  problems: Problem[],
  warnings: Problem[],
): Instruction | undefined {
  const { word, rest } = firstWord(text);
  const name = word.toUpperCase();
  const instruction = name.slice(0, MAX_SHOWN);
  const report = (list: Problem[], message: string) => void list.push({ line, endLine, instruction, message });
  const refuse = (message: string): undefined => report(problems, message);
  const warn = (message: string) => report(warnings, message);

  if (isDockersOnly(name)) return refuse("this instruction of Docker's is not supported");
  if (!isSupported(name)) {
    const meant = similarName(name);
    return refuse(
      meant === undefined ? "there is no such instruction" : `there is no such instruction; is ${meant} meant?`,
    );
  }
  if (text.includes("\0")) return refuse("a NUL character is not allowed");
  if (hasHereDocument) return refuse("here-documents are not supported");
  if (word !== name) warn(`the instruction is written ${word}; Kleene's are in upper case`);
  if (hasGap) warn("an empty line stands inside the continued lines");
  const { flags, rest: args } = splitFlags(rest, escapeChar);
  return PARSERS[name]({ place: { line, endLine, source: text }, flags, text: args, escapeChar, refuse, warn });
}
