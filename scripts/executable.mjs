import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { run, succeeds, top } from "./step.mjs";

/** npm's own record of a finished installation. */
const INSTALLED = join(top, "node_modules/.package-lock.json");
const LOCK = join(top, "package-lock.json");

/** Installs what package-lock.json names, unless that was done already. */
export function installDependencies() {
  const current = existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
  if (current && succeeds(["node_modules/.bin/bun", "--version"])) console.log("node_modules is up to date");
  else run(["npm", "ci", "--no-audit", "--no-fund"]);
}

/** Compiles dist/kleene for this machine. */
export function buildExecutable() {
  run(["npm", "run", "--silent", "build"]);
}
