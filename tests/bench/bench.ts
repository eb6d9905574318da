/**
 * Compares Kleene with the raw tools, and with Docker and Podman where they are installed, in one run on one machine:
 * ratios are what counts. Nothing is asserted. Arguments choose rows: `npm run bench -- run build`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { executor } from "../../src/host/exec.ts";
import { createZfs } from "../../src/host/zfs/create-zfs.ts";
import { datasetName } from "../../src/host/zfs/names.ts";
import { createRunningInstallation, EXECUTABLE, type Installation } from "../installation.ts";
import { Floor, must } from "./floor.ts";
import { type Contestant, compare, median, ms, printComparison } from "./measure.ts";
import { createDocker, createPodman, type Other } from "./others.ts";

const RUNS = 7;
const LIST_LENGTHS = [1, 100, 1000] as const;
/** Milliseconds. */
const IDLE = 5_000;
const COMMANDS = Array.from({ length: 10 }, (_, index) => `echo ${index} > /f${index}`);

async function writeContext(directory: string): Promise<string> {
  const context = join(directory, "context");
  await mkdir(context);
  const runs = COMMANDS.map((command) => `RUN ${command}\n`).join("");
  await writeFile(join(context, "Dockerfile"), `FROM base\n${runs}`);
  return context;
}

function kleeneContestant({ ok }: Installation, ...args: string[]): Contestant {
  return {
    name: "kleene",
    run: async () => {
      await ok(...args);
    },
  };
}

async function benchBuild(installation: Installation, floor: Floor, others: readonly Other[]): Promise<void> {
  const context = await writeContext(installation.pool.directory);
  const ours = kleeneContestant(installation, "build", "-t", "bench", context);
  const contestants = [ours, floor.build(COMMANDS), ...others.flatMap((other) => other.build(context))];
  printComparison("build of FROM base and 10 RUN lines, nothing cached", await compare(contestants, RUNS));
}

async function benchRun(installation: Installation, floor: Floor, others: readonly Other[]): Promise<void> {
  const ours = kleeneContestant(installation, "run", "--rm", "base", "true");
  const contestants = [ours, floor.runOnce("true"), ...others.flatMap((other) => other.runOnce(["true"]))];
  printComparison("run --rm base true", await compare(contestants, 2 * RUNS));
}

async function benchStart(installation: Installation): Promise<void> {
  const [figures] = await compare([kleeneContestant(installation, "version")], 20);
  console.log(`\nkleene version                  ${ms(median(figures?.times ?? []))}`);
}

async function benchMemory({ ok }: Installation): Promise<void> {
  // Long enough for the daemon to notice that it is idle.
  await Bun.sleep(IDLE);
  const { pid } = JSON.parse(await ok("info", "--json"));
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  console.log(`\nidle daemon                     ${mib(resident)} MiB resident, ${mib(anonymous)} MiB of it its own`);
}

function mib(kilobytes: string | undefined): string {
  return (Number(kilobytes) / 1024).toFixed(1);
}

async function benchList(installation: Installation): Promise<void> {
  console.log("\nlsc -a");
  const zfs = createZfs(executor);
  for (let made = 0; made < LIST_LENGTHS[2]; made++) {
    if (made > LIST_LENGTHS[1]) {
      // zfs-fuse mounts fewer than a thousand file systems; these only stand in the list.
      const { dataset } = JSON.parse(await installation.ok("isc", `bench${made - 1}`)).container;
      await zfs.unmount(datasetName(dataset));
    }
    await installation.ok("create", "--name", `bench${made}`, "base", "true");
    if (!LIST_LENGTHS.some((length) => length === made + 1)) continue;
    const [figures] = await compare([kleeneContestant(installation, "lsc", "-a")], RUNS);
    console.log(`  ${String(made + 1).padEnd(5)} containers              ${ms(median(figures?.times ?? []))}`);
  }
}

const ROWS = ["memory", "start", "run", "build", "list"];
const wanted = process.argv.slice(2);
const unknown = wanted.find((row) => !ROWS.includes(row));
if (unknown !== undefined) throw new Error(`there is no row ${unknown}: ${ROWS.join(", ")}`);
const wants = (row: string) => wanted.length === 0 || wanted.includes(row);

await must([EXECUTABLE, "version"]);
await using installation = await createRunningInstallation({ size: 8 * 1024 ** 3 });
if (wants("memory")) await benchMemory(installation);
if (wants("start")) await benchStart(installation);
if (wants("run") || wants("build")) {
  const floor = await Floor.create(installation);
  await using docker = await createDocker(join(installation.pool.directory, "docker"), installation.archive);
  await using podman = await createPodman(join(installation.pool.directory, "podman"), installation.archive);
  const others = [docker, podman].filter((other) => other !== undefined);
  if (wants("run")) await benchRun(installation, floor, others);
  if (wants("build")) await benchBuild(installation, floor, others);
}
if (wants("list")) await benchList(installation);
