import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { fileURLToPath } from "node:url";

/** The clone's top directory, where every step runs. */
export const top = fileURLToPath(new URL("..", import.meta.url));

/** Says what comes next. */
export function heading(text) {
  console.log(`\n== ${text}`);
}

/** Ends the script with a reason. */
export function fail(reason) {
  console.error(`\n${reason}`);
  process.exit(1);
}

/** Prints a command and runs it; ends the script with its exit status when it fails. */
export function run(argv, env = {}) {
  const status = attempt(argv, env);
  if (status !== 0) {
    console.error(`\nfailed with exit status ${status}: ${shellWords(argv)}`);
    process.exit(status);
  }
}

/** Prints a command and runs it. Returns its exit status. */
export function attempt(argv, env = {}) {
  console.log(`$ ${shellWords(argv)}`);
  const [program, ...args] = argv;
  const { status, error } = spawnSync(program, args, { cwd: top, stdio: "inherit", env: { ...process.env, ...env } });
  if (error) console.error(error.message);
  return status ?? 1;
}

/** Whether a command succeeds; it runs silently. */
export function succeeds([program, ...args]) {
  return spawnSync(program, args, { cwd: top, stdio: "ignore" }).status === 0;
}

/** Prints a command and runs it, showing its output. Resolves to its exit status and what it printed. */
export function runAndListen(argv) {
  console.log(`$ ${shellWords(argv)}`);
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd: top, stdio: ["inherit", "pipe", "pipe"] });
  let output = "";
  for (const [stream, target] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    stream.on("data", (chunk) => {
      output += chunk;
      target.write(chunk);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ status: 1, output: error.message }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/** Whether a program is in one of the system's directories. */
export function installed(program) {
  const directories = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
  return directories.some((directory) => {
    try {
      accessSync(`${directory}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function shellWords(argv) {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
