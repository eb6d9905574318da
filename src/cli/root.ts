import type { ParsedArgs } from "citty";
import { KleeneError } from "../errors.ts";
import { suggestion } from "../suggestion.ts";
import { type Command, type CommandGroup, type Context, isGroup, type Options } from "./command.ts";
import { bindValues, longName, type ParsedLine, parseLine, UsageError } from "./command-line.ts";
import { COMMAND_TREE } from "./command-tree.ts";
import { exitStatus, OUTPUT_CLOSED } from "./exit-status.ts";
import { GLOBAL_OPTIONS, type GlobalValues } from "./global-options.ts";
import { failureText } from "./output.ts";
import { notYet } from "./planned.ts";
import { OutputClosedError, print, say } from "./standard-output.ts";

/**
 * Runs one command line and resolves to the exit status. It prints its failures itself; it does not end the process,
 * and a connection may still be open when it returns.
 *
 * @param argv without the executable and script
 */
export async function runCli(
  argv: readonly string[],
  { programName }: { programName: "kleene" | "klee" },
): Promise<number> {
  try {
    return await runEntry(programName, COMMAND_TREE, argv, {}, programName);
  } catch (error) {
    if (error instanceof OutputClosedError) return OUTPUT_CLOSED;
    await say(failureText(programName, error));
    return exitStatus(error);
  }
}

async function runEntry(
  path: string,
  entry: Command | CommandGroup,
  argv: readonly string[],
  inherited: GlobalValues,
  program: string,
): Promise<number> {
  if (!isGroup(entry)) return await runCommand(path, entry, argv, inherited, program);
  const line = usage(path, () => parseLine(argv, ROOT_OPTIONS, { optionsFirst: true }));
  const globals: GlobalValues & { version?: boolean } = { ...inherited, ...line.given };
  const [name, ...rest] = line.positionals;
  if (globals.version === true && entry === COMMAND_TREE) return await runEntry(path, entry, ["version"], {}, program);
  if (globals.help === true || name === undefined || (name === "help" && rest.length === 0)) {
    const { helpText } = await import("./help.ts");
    await print(await helpText(path, entry, GLOBAL_OPTIONS));
    return 0;
  }
  if (name === "help") return await runEntry(path, entry, [...rest, "--help"], {}, program);
  const { subCommands } = entry;
  const load = Object.hasOwn(subCommands, name) ? subCommands[name] : undefined;
  if (load === undefined) {
    const near = suggestion(name, Object.keys(subCommands));
    const hint = near === undefined ? `, see ${path} --help` : `, did you mean ${near}?`;
    throw new UsageError(
      `unknown command ${path === program ? "" : `${path.slice(program.length + 1)} `}${name}${hint}`,
    );
  }
  return await runEntry(`${path} ${name}`, await load(), rest, globals, program);
}

const ROOT_OPTIONS: Options = { ...GLOBAL_OPTIONS, version: { type: "boolean", alias: "v", hidden: true } };

async function runCommand(
  path: string,
  command: Command,
  argv: readonly string[],
  inherited: GlobalValues,
  program: string,
): Promise<number> {
  const options: Options = { ...GLOBAL_OPTIONS, ...command.args };
  const line = usage(path, () => parseLine(argv, options, { optionsFirst: command.optionsFirst ?? false }));
  const globals: GlobalValues = { ...inherited, ...line.given };
  if (globals.help === true) {
    const { helpText } = await import("./help.ts");
    await print(await helpText(path, command, GLOBAL_OPTIONS));
    return 0;
  }
  refusePlanned(line.given, command.args);
  const own = "host" in command.args && inherited.host !== undefined && line.given.host === undefined;
  const given = own ? { ...line.given, host: [inherited.host] as string[] } : line.given;
  const values = usage(path, () => bindValues({ ...line, given }, command.args));
  const context: Context = {
    program,
    connect: async () => {
      const { clientSettings } = await import("../client/settings.ts");
      const { connect } = await import("../client/connection.ts");
      return connect(clientSettings(globals));
    },
  };
  const args = { ...values, _: [...line.positionals] } as ParsedArgs;
  return await command.run({ rawArgs: [...argv], args, cmd: command, data: context });
}

function refusePlanned(given: ParsedLine["given"], options: Options): void {
  for (const key of Object.keys(given)) {
    const planned = options[key]?.planned;
    if (planned !== undefined) throw notYet(`--${longName(key)}`, planned);
  }
}

/** Says where the help is, when a command line is wrong. */
function usage<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof KleeneError)) throw error;
    throw new UsageError(error.message.endsWith("?") ? error.message : `${error.message}, see ${path} --help`);
  }
}
