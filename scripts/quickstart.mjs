// From a fresh clone to a running container. May be run again at any time; further arguments go to `kleene init`.
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { buildExecutable, installDependencies } from "./executable.mjs";
import { fail, heading, installed, run, succeeds } from "./step.mjs";

const PORT = 8000;
const URL = `http://localhost:${PORT}/`;
const ANSWERS_WITHIN = 30_000;

const kleene = "dist/kleene";
const freebsd = process.platform === "freebsd";
const base = freebsd ? "FreeBSD" : "base";
const dockerfile = freebsd ? "examples/flask/Dockerfile" : "examples/flask/Dockerfile.linux";

if (process.getuid?.() !== 0) fail("Kleene needs root rights to prepare this machine: run the quickstart as root.");

heading("Build the executable");
installDependencies();
buildExecutable();

heading("Prepare this machine: ZFS, a pool, the programs that Kleene calls");
run([kleene, "init", "--yes", "--install", ...process.argv.slice(2)]);

heading("Make a base image that matches this machine");
if (succeeds([kleene, "image", "inspect", `${base}:latest`])) console.log(`the image ${base}:latest exists already`);
else run([kleene, "image", "create", "-t", base, "fetch-auto"]);

heading("Build the example");
run([kleene, "build", "-t", "hello:latest", "-f", dockerfile, "examples/flask"]);

heading("Run it");
if (succeeds([kleene, "container", "inspect", "hello"])) run([kleene, "rm", "-f", "hello"]);
if (await answers()) fail(`Port ${PORT} is taken by another program: stop that one and run the quickstart again.`);
run([kleene, "run", "-d", "--name", "hello", "hello:latest"]);
await waitForAnswer();
await showAnswer();

heading("Look around, and stop it");
run([kleene, "lsc"]);
run([kleene, "lsi"]);
run([kleene, "stop", "hello"]);

heading("Done");
console.log(`Start it again:   ${kleene} start hello`);
console.log(`More commands:    ${kleene} --help`);

function answers() {
  return new Promise((resolve) => {
    const connection = createConnection({ port: PORT, host: "127.0.0.1" });
    connection.on("connect", () => connection.destroy(resolve(true)));
    connection.on("error", () => resolve(false));
  });
}

async function waitForAnswer() {
  const deadline = Date.now() + ANSWERS_WITHIN;
  while (!(await answers())) {
    if (Date.now() > deadline) {
      run([kleene, "lsc", "-a"]);
      fail(`Nothing answers on port ${PORT} after ${ANSWERS_WITHIN / 1000} seconds.`);
    }
    await sleep(200);
  }
}

async function showAnswer() {
  if (installed("curl")) {
    run(["curl", "--silent", "--show-error", "--fail", "--noproxy", "localhost", URL]);
    console.log();
  }
  const text = await (await fetch(URL)).text();
  if (!installed("curl")) console.log(`GET ${URL}\n${text}`);
  if (text !== "Hello World!") fail(`${URL} answered something else: ${text}`);
}
