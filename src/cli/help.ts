import { type Command, type CommandGroup, isGroup, type Option, type Options } from "./command.ts";
import { aliasesOf, longName, placeholder } from "./command-line.ts";

/** The help of a command or group. @param path as typed: `kleene image build` */
export async function helpText(path: string, entry: Command | CommandGroup, globals: Options): Promise<string> {
  const parts = isGroup(entry)
    ? [`Usage: ${path} COMMAND`, entry.meta.description, ...(await sectionTexts(entry))]
    : [usageLine(path, entry), entry.meta.description, argumentText(entry.args), optionText("Options", entry.args)];
  const top = !path.includes(" ");
  if (top) parts.push(optionText("Global options", globals));
  if (entry.examples !== undefined) parts.push(["Examples:", ...entry.examples.map((line) => `  ${line}`)].join("\n"));
  if (isGroup(entry)) parts.push(`\`${path} COMMAND --help\` says more about a command.`);
  if (!top) parts.push(`\`${path.split(" ")[0]} --help\` shows the options that every command has.`);
  return parts.filter((part) => part !== "").join("\n\n");
}

export function usageLine(path: string, command: Command): string {
  const positionals = positionalsOf(command.args).map(([key, option]) => {
    const word = placeholder(key, option) + (option.multiple === true ? "..." : "");
    return option.required === false ? `[${word}]` : word;
  });
  return ["Usage:", path, "[OPTIONS]", ...positionals].join(" ");
}

async function sectionTexts(group: CommandGroup): Promise<string[]> {
  return await Promise.all(
    Object.entries(group.sections).map(async ([heading, commands]) => {
      const lines = await Promise.all(
        Object.entries(commands).map(async ([name, load]) => {
          const { meta } = await load();
          return [name, meta.description.split("\n")[0] ?? ""] as const;
        }),
      );
      return `${heading}:\n${columns(lines)}`;
    }),
  );
}

function argumentText(options: Options): string {
  const lines = positionalsOf(options).map(
    ([key, option]) => [placeholder(key, option), option.description ?? ""] as const,
  );
  return lines.length === 0 ? "" : `Arguments:\n${columns(lines)}`;
}

function optionText(heading: string, options: Options): string {
  const lines = Object.entries(options)
    .filter(([, option]) => option.type !== "positional" && !option.hidden && !option.planned)
    .map(([key, option]) => [spelling(key, option), description(option)] as const);
  return lines.length === 0 ? "" : `${heading}:\n${columns(lines)}`;
}

/** `-e, --env NAME[=VALUE]`; options without a letter are aligned with those that have one. */
function spelling(key: string, option: Option): string {
  const letter = aliasesOf(option).find((alias) => alias.length === 1);
  const negatable = option.type === "boolean" && (option.default === true || option.negativeDescription !== undefined);
  const value = option.type === "boolean" ? "" : ` ${placeholder(key, option)}`;
  return `${letter === undefined ? "    " : `-${letter}, `}--${negatable ? "[no-]" : ""}${longName(key)}${value}`;
}

function description(option: Option): string {
  const shown = option.type === "boolean" ? (option.default === true ? "yes" : undefined) : option.default;
  const notes = [option.multiple === true ? "repeatable" : "", shown === undefined ? "" : `default: ${shown}`];
  const note = notes.filter((text) => text !== "").join(", ");
  return `${option.description ?? ""}${note === "" ? "" : ` (${note})`}`;
}

function columns(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n");
}

function positionalsOf(options: Options): [string, Option][] {
  return Object.entries(options).filter(([, option]) => option.type === "positional");
}
