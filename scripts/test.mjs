// Sets up what the tests need and runs all of them, or those named: `npm test -- tests/unit tests/e2e/build.test.ts`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable, installDependencies } from "./executable.mjs";
import { heading, run, runAndListen, top } from "./step.mjs";
import { installTestPrograms } from "./test-programs.mjs";

/** In the order of their cost; those after the first need root and a real host. */
const ROOMS = ["tests/unit", "tests/host", "tests/engine", "tests/e2e"];
const TIMEOUT = 120_000;

heading("Build the executable");
installDependencies();
buildExecutable();

const root = process.getuid?.() === 0;
if (root) {
  heading("Prepare this machine for the tests");
  installTestPrograms();
  run(["node_modules/.bin/bun", "tests/sweep.ts"]);
}

const named = process.argv.slice(2);
const wanted = named.length > 0 ? [named] : rooms().map((room) => [room]);
let passed = 0;
let failed = 0;
for (const paths of wanted) {
  heading(`Test ${paths.join(" ")}`);
  const { status, output } = await runAndListen(["node_modules/.bin/bun", "test", "--timeout", `${TIMEOUT}`, ...paths]);
  const failures = count(output, "fail");
  passed += count(output, "pass");
  failed += failures === 0 && status !== 0 ? 1 : failures;
}
if (root) run(["node_modules/.bin/bun", "tests/sweep.ts"]);
if (!root && named.length === 0) console.log("\nOnly the unit tests were run: all others need root rights.");
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function rooms() {
  const present = ROOMS.filter((room) => existsSync(join(top, room)));
  return root ? present : present.slice(0, 1);
}

/** The number in bun's summary line ` 12 pass`. */
function count(output, word) {
  const lines = output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"));
  return [...lines].reduce((sum, [, digits]) => sum + Number(digits), 0);
}
