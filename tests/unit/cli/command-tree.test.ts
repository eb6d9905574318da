import { describe, expect, test } from "bun:test";
import { renderUsage } from "citty";
import { type Command, type CommandGroup, isGroup, type Options } from "../../../src/cli/command.ts";
import { aliasesOf, longName } from "../../../src/cli/command-line.ts";
import { COMMAND_TREE } from "../../../src/cli/command-tree.ts";
import { GLOBAL_OPTIONS } from "../../../src/cli/global-options.ts";
import { helpText, usageLine } from "../../../src/cli/help.ts";

async function commandsOf(path: string, group: CommandGroup): Promise<[string, Command][]> {
  const found: [string, Command][] = [];
  for (const [name, load] of Object.values(group.sections).flatMap((section) => Object.entries(section))) {
    const entry = await load();
    if (isGroup(entry)) found.push(...(await commandsOf(`${path} ${name}`, entry)));
    else found.push([`${path} ${name}`, entry]);
  }
  return found;
}

const COMMANDS = await commandsOf("kleene", COMMAND_TREE);

test("the commands of Klee and Docker's usual short forms are there", () => {
  const names = COMMANDS.map(([path]) => path.replace(/^kleene /, ""));
  const expected = `build run create start stop exec rm ps images tag inspect lsc lsi isc isi rmc rmi init info version daemon
    image create,image build,image ls,image inspect,image rm,image tag,image prune,container create,container run,
    container start,container stop,container exec,container ls,container inspect,container rm,container prune`;
  const [short = "", long = ""] = [expected.split("\n")[0], expected.split("\n").slice(1).join("")];
  for (const name of [...short.split(" "), ...long.split(",").map((word) => word.trim())])
    expect(names).toContain(name);
});

describe.each(COMMANDS)("%s", (path, command) => {
  test("has options that do not collide", () => {
    const options: Options = { ...GLOBAL_OPTIONS, ...command.args };
    const spelled = Object.entries(options)
      .filter(([, option]) => option.type !== "positional")
      .flatMap(([key, option]) => [longName(key), ...aliasesOf(option)]);
    expect(spelled).toEqual([...new Set(spelled)]);
  });

  test("has a help with its usage, description and every option", async () => {
    const text = await helpText(path, command, GLOBAL_OPTIONS);
    expect(text).toStartWith(`${usageLine(path, command)}\n\n${command.meta.description}`);
    for (const [key, option] of Object.entries(command.args)) {
      expect(option.description ?? "").not.toBe("");
      if (option.type !== "positional" && !option.planned) expect(text).toContain(longName(key));
    }
    for (const line of text.split("\n")) expect(line).toBe(line.trimEnd());
  });
});

test("a usage line shows what is needed and what may be left out", async () => {
  const usage = Object.fromEntries(COMMANDS.map(([path, command]) => [path, usageLine(path, command)]));
  expect(usage["kleene run"]).toBe("Usage: kleene run [OPTIONS] IMAGE [COMMAND...]");
  expect(usage["kleene exec"]).toBe("Usage: kleene exec [OPTIONS] CONTAINER COMMAND...");
  expect(usage["kleene image create"]).toBe("Usage: kleene image create [OPTIONS] METHOD [SOURCE]");
  expect(usage["kleene rm"]).toBe("Usage: kleene rm [OPTIONS] CONTAINER...");
});

test("citty itself can read the commands, without any being run", async () => {
  const usage = await renderUsage(COMMAND_TREE);
  for (const name of Object.keys(COMMAND_TREE.subCommands)) expect(usage).toContain(name);
  const [, build] = COMMANDS.find(([path]) => path === "kleene build") ?? [];
  expect(await renderUsage(build ?? {})).toContain("--cleanup");
});

test("the top of the help lists every section", async () => {
  const text = await helpText("klee", COMMAND_TREE, GLOBAL_OPTIONS);
  for (const heading of Object.keys(COMMAND_TREE.sections)) expect(text).toContain(`\n${heading}:\n`);
  expect(text).toContain("      --[no-]autostart");
  expect(text).toContain("  -h, --help");
});
