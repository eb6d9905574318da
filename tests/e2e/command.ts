import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXECUTABLE, type Installation } from "../installation.ts";

export interface Outcome {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** 128+n after signal n. */
  readonly exitCode: number;
}

export interface Command {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** What stdout holds so far. */
  stdout(): string;
  /** Resolves when stdout holds the text; fails when the command ends without it. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Outcome>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Instead of the executable: a link to it. */
  readonly program?: string;
  /** Words before the program: `setpriv ...`. */
  readonly through?: readonly string[];
}

/** Starts `kleene ARGS` and returns at once, for what has to be watched or interrupted while it runs. */
export function begin(installation: Installation, args: readonly string[], options: CommandOptions = {}): Command {
  const { env = {}, cwd, program = EXECUTABLE, through = [] } = options;
  const child = Bun.spawn([...through, program, ...args], {
    env: { ...installation.env, ...env },
    cwd: cwd ?? installation.pool.directory,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const chunks: Uint8Array[] = [];
  let changed = Promise.withResolvers<void>();
  let over = false;
  const read = async () => {
    for await (const chunk of child.stdout) {
      chunks.push(chunk);
      changed.resolve();
      changed = Promise.withResolvers();
    }
    over = true;
    changed.resolve();
  };
  const stdout = () => Buffer.concat(chunks).toString();
  const stderr = new Response(child.stderr).text();
  const ended = Promise.all([read(), stderr, child.exited]).then(async ([, text, exitCode]) => ({
    stdout: Buffer.concat(chunks),
    stderr: text,
    exitCode,
  }));
  return {
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    stdout,
    says: async (text) => {
      while (!stdout().includes(text)) {
        if (over) throw new Error(`kleene ${args.join(" ")} ended without "${text}": ${stdout()}${await stderr}`);
        await changed.promise;
      }
    },
    ended,
  };
}

/** Runs `kleene ARGS` to its end, with stdout as bytes. */
export async function command(
  installation: Installation,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  return await begin(installation, args, options).ended;
}

/** A new directory of the test's own with these files: a build context. */
export async function directoryWith(
  { pool }: Installation,
  name: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const directory = join(pool.directory, name);
  await mkdir(directory, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

/** Looks until there is something to see; fails after half a minute. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await Bun.sleep(20);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
