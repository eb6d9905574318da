import { CommandError } from "../src/errors.ts";
import type { Argv, ExecOptions, ExecResult, Executor, RunningProgram, SpawnOptions } from "../src/host/exec.ts";

/** One program that was started. */
export interface Recorded {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a program answers; `exitCode` other than 0 makes `exec` throw. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

type Script = Answer | ((argv: Argv) => Answer | Promise<Answer>);
type SpawnScript = (argv: Argv, options: SpawnOptions) => RunningProgram;

/**
 * Stands in for programs that this machine has not: answers from a script, and remembers every argv. A program that
 * no script knows makes the test fail.
 */
export class RecordingExecutor implements Executor {
  readonly calls: Recorded[] = [];
  readonly #scripts: { prefix: readonly string[]; answers: Script[] }[] = [];
  #spawn: SpawnScript | undefined;

  /**
   * Answers a command line that begins with these words; of several scripts the one that was added last. Several
   * answers are given in turn, the last one for good.
   */
  on(prefix: readonly string[], ...answers: [Script, ...Script[]]): this {
    this.#scripts.unshift({ prefix, answers: [...answers] });
    return this;
  }

  /** What `spawn` does. */
  onSpawn(script: SpawnScript): this {
    this.#spawn = script;
    return this;
  }

  /** The command lines so far, each as one string. */
  get lines(): string[] {
    return this.calls.map(({ argv }) => argv.join(" "));
  }

  forget(): void {
    this.calls.length = 0;
  }

  readonly exec = async (argv: Argv, options: ExecOptions = {}): Promise<ExecResult> => {
    this.#record(argv, options);
    const found = this.#scripts.find(({ prefix }) => prefix.every((word, index) => argv[index] === word));
    const script = found?.answers.length === 1 ? found.answers[0] : found?.answers.shift();
    if (script === undefined) throw new Error(`no answer is scripted for: ${argv.join(" ")}`);
    const answer = typeof script === "function" ? await script(argv) : script;
    const { stdout = "", stderr = "", exitCode = 0 } = answer;
    if (exitCode !== 0) throw new CommandError(argv, exitCode, stderr);
    if (options.onOutput === undefined) return { stdout, stderr };
    if (stdout !== "") options.onOutput("stdout", Buffer.from(stdout));
    if (stderr !== "") options.onOutput("stderr", Buffer.from(stderr));
    return { stdout: "", stderr: "" };
  };

  readonly spawn = (argv: Argv, options: SpawnOptions = {}): RunningProgram => {
    this.#record(argv, options);
    if (this.#spawn === undefined) throw new Error(`no answer is scripted for: ${argv.join(" ")}`);
    return this.#spawn(argv, options);
  };

  #record(argv: Argv, { stdin, env }: { stdin?: unknown; env?: Readonly<Record<string, string>> }): void {
    this.calls.push({
      argv,
      ...(typeof stdin === "string" ? { stdin } : {}),
      ...(env === undefined ? {} : { env }),
    });
  }
}
