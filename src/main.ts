import { basename } from "node:path";

/** What the executable becomes is decided by its first argument and by the name it was called by. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const calledAs = basename(process.argv0);
  if (args[0] === "jail-exec" && args[1] !== undefined) {
    const { runJailExec } = await import("./jail-exec.ts");
    return runJailExec(args[1]);
  }
  const { runCli } = await import("./cli/root.ts");
  const argv = calledAs === "kleened" ? ["daemon", ...args] : args;
  return await runCli(argv, { programName: calledAs === "klee" ? "klee" : "kleene" });
}

process.exit(await main());
