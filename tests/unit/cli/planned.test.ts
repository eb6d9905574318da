import { describe, expect, test } from "bun:test";
import { isGroup } from "../../../src/cli/command.ts";
import { COMMAND_TREE } from "../../../src/cli/command-tree.ts";
import { GLOBAL_OPTIONS } from "../../../src/cli/global-options.ts";
import { helpText } from "../../../src/cli/help.ts";
import { plannedCommand } from "../../../src/cli/planned.ts";

test("a noun to come takes any of its verbs and says that it is not supported yet", async () => {
  const network = plannedCommand("network", "networks");
  const context = { program: "kleene", connect: () => Promise.reject(new Error("nobody is asked")) };
  const verb = ["create", "--subnet", "10.0.0.0/24", "testnet"];
  const run = network.run({ rawArgs: verb, args: { verb, _: verb } as never, cmd: network, data: context });
  expect(await run.catch((error: unknown) => error)).toMatchObject({
    code: "unsupported",
    message: "cannot serve network create: networks are not supported yet",
  });
});

describe.each(["build", "run", "exec"])("the help of %s", (name) => {
  test("leaves out what is not supported yet", async () => {
    const load = COMMAND_TREE.sections["Main commands"]?.[name];
    const entry = await load?.();
    if (entry === undefined || isGroup(entry)) throw new Error(`there is no ${name}`);
    const text = await helpText(`kleene ${name}`, entry, GLOBAL_OPTIONS);
    const planned = Object.values(entry.args).filter((option) => option.planned !== undefined);
    expect(planned).not.toBeEmpty();
    for (const option of planned) expect(text).not.toContain(option.description ?? "");
  });
});
