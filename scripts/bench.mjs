// Sets up what the comparison needs and runs it: Kleene, the raw tools, and Docker and Podman where they are installed.
import { buildExecutable, installDependencies } from "./executable.mjs";
import { fail, heading, run } from "./step.mjs";
import { installTestPrograms } from "./test-programs.mjs";

if (process.getuid?.() !== 0) fail("The comparison runs containers: run it as root.");

heading("Build the executable");
installDependencies();
buildExecutable();

heading("Prepare this machine");
installTestPrograms();
run(["node_modules/.bin/bun", "tests/sweep.ts"]);

heading("Compare");
run(["node_modules/.bin/bun", "tests/bench/bench.ts", ...process.argv.slice(2)]);
