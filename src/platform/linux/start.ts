import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KleeneError } from "../../errors.ts";
import { type Argv, findProgram } from "../../host/exec.ts";
import { execArgv, runArgv } from "../../host/runc/command.ts";
import { parseExecFailure, parseFailure, runcError } from "../../host/runc/failure.ts";
import { stateDirectory } from "../../host/runc/state.ts";
import type { SupervisedProcess } from "../runtime.ts";
import { type Supervised, startSupervised } from "../supervisor.ts";
import { type Plan, removeBundle, writeBundle } from "./bundle.ts";
import { DIRECTORY, type LinuxHost, pauses, removeJail } from "./jail-end.ts";
import { type KernelFeatures, ociProcess } from "./oci-spec.ts";
import { isExecuted } from "./process-status.ts";
import { PID_FILE, recordedPid, supervisedProcess } from "./supervised-process.ts";

/** Milliseconds; a program may call itself as runc does, or end before it was seen. */
const EXECVE_PATIENCE = 500;
const USUAL_START = 10;
const START_PATIENCE = 60_000;
const LOG_FILE = "runc.log";

/** @throws KleeneError `conflict` when the jail runs already */
export async function startJail(
  host: LinuxHost,
  kernel: KernelFeatures,
  plan: Plan,
  directory: string,
): Promise<SupervisedProcess> {
  const { name } = plan.jail;
  const root = host.runDirectory.runcRoot;
  await makeWayFor(host, plan);
  const bundle = await writeBundle(host.runDirectory, plan, kernel, { annotations: { [DIRECTORY]: directory } });
  const argv = runArgv({ root, log: join(directory, LOG_FILE), pidFile: join(directory, PID_FILE), name, bundle });
  try {
    host.runDirectory.own(name, directory);
    return await startProcess(host, plan, directory, argv, () => host.runDirectory.disown(name, directory));
  } catch (error) {
    await (existsSync(stateDirectory(root, name)) ? removeJail(host, name) : removeBundle(bundle));
    throw error;
  }
}

/** What a killed runc has left must go before its name is used again. */
export async function makeWayFor(host: LinuxHost, { jail: { name } }: Plan): Promise<void> {
  const { runDirectory, cgroups } = host;
  if (!existsSync(stateDirectory(runDirectory.runcRoot, name))) return;
  if ((await cgroups.processes(runDirectory.cgroup(name))).length > 0) {
    throw new KleeneError("conflict", `the jail ${name} is running`);
  }
  await removeJail(host, name);
}

/** @throws KleeneError `conflict` when the jail does not run */
export async function execInJail(host: LinuxHost, plan: Plan, directory: string): Promise<SupervisedProcess> {
  const { runDirectory, cgroups } = host;
  const { name } = plan.jail;
  if ((await cgroups.processes(runDirectory.cgroup(name))).length === 0) {
    throw new KleeneError("conflict", `the jail ${name} is not running`);
  }
  const processFile = join(runDirectory.bundle(name), `${randomUUID()}.json`);
  const description = JSON.stringify(ociProcess(plan.process, plan.user, plan.settings));
  await writeFile(processFile, description, { mode: 0o600 }).catch((cause: unknown) => {
    throw new KleeneError("conflict", `the jail ${name} is not running`, { cause });
  });
  const files = { log: join(directory, LOG_FILE), pidFile: join(directory, PID_FILE), processFile };
  const argv = execArgv({ root: runDirectory.runcRoot, name, ...files });
  return await startProcess(host, plan, directory, argv, () => rm(processFile, { force: true }));
}

async function startProcess(
  host: LinuxHost,
  plan: Plan,
  directory: string,
  argv: Argv,
  tidyUp: () => Promise<void>,
): Promise<SupervisedProcess> {
  if (findProgram(argv[0]) === undefined)
    throw new KleeneError("missing-tool", `the program ${argv[0]} is not installed`);
  const supervised = startSupervised(host.executor, { directory, argv });
  try {
    await untilRunning(supervised, directory, plan.process.argv[0]);
  } catch (error) {
    await tidyUp();
    for (const file of await readdir(directory)) await rm(join(directory, file), { force: true });
    throw error;
  }
  const exited = supervised.exited.then(async (status) => {
    await tidyUp();
    return status;
  });
  return supervisedProcess(host, plan.jail.name, directory, { ...supervised, exited });
}

/** Resolves when the program itself runs, or has run. @throws KleeneError when it could not be started */
async function untilRunning({ exited }: Supervised, directory: string, program: string): Promise<void> {
  let status: number | undefined;
  void exited.then((value) => (status = value));
  const begun = performance.now();
  let pidSeen: number | undefined;
  // Looking sooner only takes time from runc.
  await Promise.race([exited, Bun.sleep(USUAL_START)]);
  for (const pause of pauses()) {
    await Promise.race([exited, Bun.sleep(Math.min(pause, 2))]);
    const pid = await recordedPid(directory);
    if (status !== undefined) return await throwFailure(directory, status, program);
    const now = performance.now();
    if (pid !== undefined) {
      pidSeen ??= now;
      if ((await isExecuted(pid)) || now - pidSeen > EXECVE_PATIENCE) return;
    }
    if (now - begun > START_PATIENCE) throw new KleeneError("unavailable", "runc does not start the process");
  }
}

async function throwFailure(directory: string, status: number, program: string): Promise<void> {
  if (status === 0) return;
  const read = (file: string) => readFile(join(directory, file), "utf8").catch(() => "");
  const reason = parseFailure(await read(LOG_FILE));
  if (reason !== undefined) throw runcError(reason, program);
  const refused = status === 1 ? parseExecFailure(await read("stderr"), program) : undefined;
  if (refused !== undefined) throw new KleeneError("invalid", `${program} cannot be executed: ${refused}`);
}
