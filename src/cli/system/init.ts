import type { runInit } from "../../daemon/init.ts";
import { defineCommand } from "../command.ts";
import { KLEENE_FAILED } from "../exit-status.ts";
import { printable } from "../output.ts";
import { parseSize } from "../quantity.ts";
import { ask } from "../question.ts";
import { print } from "../standard-output.ts";

type Check = Parameters<Parameters<typeof runInit>[1]>[0];

export const init = defineCommand({
  meta: { name: "init", description: "Prepare this machine, and say what was done" },
  args: {
    dryRun: { type: "boolean", alias: "n", description: "only say what would be done" },
    yes: { type: "boolean", alias: "y", description: "do not ask before disk space is taken or a system file changed" },
    install: { type: "boolean", description: "install missing programs with the system's package manager" },
    pool: { type: "string", valueHint: "NAME", description: "the pool to use, or a dataset in it" },
    poolSize: { type: "string", valueHint: "SIZE", description: "the size of a new file-backed pool, such as 20G" },
    config: { type: "string", valueHint: "FILE", description: "the daemon's configuration file" },
  },
  examples: ["kleene init --dry-run", "kleene init --yes --install"],
  run: async (args) => {
    const daemon = await import("../../daemon/init.ts");
    const options = {
      dryRun: args.dryRun,
      yes: args.yes,
      install: args.install,
      ...(args.pool === undefined ? {} : { pool: args.pool }),
      ...(args.poolSize === undefined ? {} : { poolSize: parseSize("--pool-size", args.poolSize) }),
      ...(args.config === undefined ? {} : { config: args.config }),
    };
    let lines = Promise.resolve();
    const report = (check: Check) => {
      lines = lines.then(() => print(checkText(check)));
    };
    const well = await daemon.runInit(options, report, async (question) => {
      await lines;
      return await ask(question);
    });
    await lines;
    return well ? 0 : KLEENE_FAILED;
  },
});

const WORD: Readonly<Record<Check["outcome"], string>> = { ok: "ok", done: "done", planned: "would", failed: "FAIL" };
const WORD_WIDTH = 5;
const NAME_WIDTH = 14;

/** `ok     zfs             in the kernel, 2.1.9`, and below a failure the command that would help. */
export function checkText({ name, outcome, detail, remedy }: Check): string {
  const line = `${WORD[outcome].padEnd(WORD_WIDTH)}  ${printable(name).padEnd(NAME_WIDTH)}  ${printable(detail)}`;
  if (remedy === undefined) return line;
  return `${line}\n${" ".repeat(WORD_WIDTH)}  ${"".padEnd(NAME_WIDTH)}  try: ${printable(remedy)}`;
}
