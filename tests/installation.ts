import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { claimDirectory } from "./owner.ts";
import { createScratchPool, type ScratchPool } from "./scratch-pool.ts";
import { createTestRoot } from "./test-root.ts";

export const EXECUTABLE = join(import.meta.dir, "../dist/kleene");
const RUN_DIRECTORIES = "/run/kleene-tests";

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The compiled executable on a pool of its own, beside whatever else the machine has. */
export interface Installation extends AsyncDisposable {
  readonly pool: ScratchPool;
  /** Settings that make the executable use this installation and nothing else. */
  readonly env: Record<string, string>;
  readonly socket: string;
  readonly runDirectory: string;
  /** A tar archive of the busybox root: `kleene image create -t base fetch ARCHIVE`. */
  readonly archive: string;
  /** Runs `kleene ARGS`. Fails after a minute. */
  kleene(...args: string[]): Promise<Result>;
  /** As `kleene`, and throws when it fails. @returns stdout, trimmed */
  ok(...args: string[]): Promise<string>;
  /** Starts the daemon in the foreground, as a child, and waits until it answers. */
  startDaemon(...args: string[]): Promise<Bun.Subprocess>;
}

export interface InstallationOptions {
  /** Bytes of the pool. */
  readonly size?: number;
}

/** Prepares a scratch pool with `kleene init` and makes the image `base` from the busybox root. No daemon is left running. */
export async function createInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const pool = await createScratchPool(options);
  const runDirectory = join(RUN_DIRECTORIES, pool.name);
  await mkdir(runDirectory, { recursive: true, mode: 0o700 });
  claimDirectory(runDirectory);
  const socket = join(runDirectory, "kleened.sock");
  const env = {
    PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: pool.directory,
    KLEENE_ROOT: pool.rootDataset,
    KLEENE_RUN_DIRECTORY: runDirectory,
    KLEENE_HOST: `http://${socket}`,
    KLEENE_CONFIG: "",
  };
  const daemons = new Set<Bun.Subprocess>();
  const kleene = (...args: string[]) => run([EXECUTABLE, ...args], env);
  const ok = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await kleene(...args);
    if (exitCode !== 0) throw new Error(`kleene ${args.join(" ")} exited with ${exitCode}: ${stderr}${stdout}`);
    return stdout.trim();
  };
  const startDaemon = async (...args: string[]) => {
    const daemon = Bun.spawn([EXECUTABLE, "daemon", "--host", env.KLEENE_HOST, ...args], {
      env,
      stdout: "ignore",
      stderr: Bun.file(join(pool.directory, "daemon.log")),
    });
    daemons.add(daemon);
    await waitForSocket(socket, daemon, join(pool.directory, "daemon.log"));
    return daemon;
  };
  const archive = join(pool.directory, "root.tar");
  const dispose = async () => {
    for (const daemon of daemons) {
      if (daemon.exitCode === null && daemon.signalCode === null) daemon.kill("SIGTERM");
      await daemon.exited;
    }
    await pool[Symbol.asyncDispose]();
    await rm(runDirectory, { recursive: true, force: true });
  };
  try {
    await packTestRoot(pool.directory, archive);
    await ok("init", "--yes");
  } catch (error) {
    await dispose();
    throw error;
  }
  return { pool, env, socket, runDirectory, archive, kleene, ok, startDaemon, [Symbol.asyncDispose]: dispose };
}

/** An installation with a running daemon and the image `base`. */
export async function createRunningInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const installation = await createInstallation(options);
  try {
    await installation.startDaemon();
    await installation.ok("image", "create", "-t", "base", "fetch", "--no-dns", "--no-localtime", installation.archive);
    return installation;
  } catch (error) {
    await installation[Symbol.asyncDispose]();
    throw error;
  }
}

async function packTestRoot(directory: string, archive: string): Promise<void> {
  const root = join(directory, "root");
  await createTestRoot(root);
  await run(["tar", "-C", root, "-cf", archive, "."]);
  await rm(root, { recursive: true });
}

async function waitForSocket(socket: string, daemon: Bun.Subprocess, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const answer = await fetch("http://localhost/ping", { unix: socket }).catch(() => undefined);
    if (answer?.ok) return;
    if (daemon.exitCode !== null) break;
    await Bun.sleep(10);
  }
  throw new Error(`the daemon does not answer: ${await Bun.file(log).text()}`);
}

/** Runs a program to its end. Fails after a minute. */
export async function run(argv: readonly string[], env?: Record<string, string>): Promise<Result> {
  const child = Bun.spawn([...argv], {
    ...(env === undefined ? {} : { env }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}
