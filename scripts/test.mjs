// Sets up what the tests need and runs all of them, or those named: `npm test -- tests/unit tests/e2e/build.test.ts`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable, installDependencies } from "./executable.mjs";
import { attempt, fail, heading, installed, run, runAndListen, succeeds, top } from "./step.mjs";

/** In the order of their cost; those after the first need root and a real host. */
const ROOMS = ["tests/unit", "tests/host", "tests/engine", "tests/e2e"];
const TIMEOUT = 120_000;

/** What the tests call, and the Debian package that brings it. */
const PROGRAMS = [
  ["zpool", "zfs-fuse"],
  ["runc", "runc"],
  ["nft", "nftables"],
  ["ip", "iproute2"],
  ["mmdebstrap", "mmdebstrap"],
  ["busybox", "busybox-static"],
  ["tar", "tar"],
  ["xz", "xz-utils"],
  ["zstd", "zstd"],
  ["curl", "curl"],
  ["ps", "procps"],
];

heading("Build the executable");
installDependencies();
buildExecutable();

const root = process.getuid?.() === 0;
if (root) {
  heading("Prepare this machine for the tests");
  installPrograms();
  if (!succeeds(["zpool", "list"])) succeeds(["modprobe", "--quiet", "zfs"]);
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

function installPrograms() {
  const missing = PROGRAMS.filter(([program]) => !installed(program)).map(([, name]) => name);
  if (missing.length === 0) {
    console.log("all programs are installed");
    return;
  }
  if (!installed("apt-get")) fail(`Install these packages, then run the tests again: ${missing.join(" ")}`);
  const noninteractive = { DEBIAN_FRONTEND: "noninteractive" };
  const kernelZfs = existsSync("/sys/module/zfs") || succeeds(["modprobe", "--quiet", "zfs"]);
  const packages = missing.map((name) => (name === "zfs-fuse" && kernelZfs ? "zfsutils-linux" : name));
  attempt(["apt-get", "-q", "update"], noninteractive);
  run(["apt-get", "-q", "-y", "install", "--no-install-recommends", "--no-remove", ...packages], noninteractive);
}
