import { closeSync, constants, openSync, writeSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type JailName, jailName, type PreparedRun } from "../runtime.ts";
import { type Plan, planProcess, writeBundle } from "./bundle.ts";
import type { LinuxHost } from "./jail-end.ts";
import type { KernelFeatures, OciHooks } from "./oci-spec.ts";
import { followToEnd, type Launched, launch, throwIfCanceled, tidyUp } from "./run.ts";

/**
 * What the hook waits for. It reads from a descriptor of the daemon's: when the daemon is gone, so is the name, or what
 * is read ends, and either way runc takes back what it has made.
 */
const WORD = "go";
const HOOK = `read -r word <"$1" && [ "$word" = ${WORD} ]`;

/** Further names of a jail's, by turns: one runs while the next is made ready. */
const SUFFIXES = ["a", "b"] as const;

/** The names under which a jail may be known to runc. */
export function runcNames(name: JailName): JailName[] {
  return [name, ...SUFFIXES.map((suffix) => jailName(`${name}${suffix}`))];
}

/** The prepared runs of a runtime. */
export class PreparedRuns {
  #turn = 0;
  readonly #waiting = new Map<JailName, PreparedRun>();

  /** A name for the next one that the one before it has not. */
  name(name: JailName): JailName {
    this.#turn = (this.#turn + 1) % SUFFIXES.length;
    return jailName(`${name}${SUFFIXES[this.#turn]}`);
  }

  /** Remembers it as long as it waits. */
  add(name: JailName, prepared: PreparedRun): PreparedRun {
    this.#waiting.set(name, prepared);
    return {
      run: (onOutput, signal) => {
        this.#waiting.delete(name);
        return prepared.run(onOutput, signal);
      },
      discard: () => this.discard(name),
    };
  }

  async discard(name: JailName): Promise<void> {
    const prepared = this.#waiting.get(name);
    this.#waiting.delete(name);
    await prepared?.discard();
  }
}

/**
 * Starts `runc run` and lets it come to the point where only the process itself is missing: there a hook waits for our
 * word. `fallback` runs the process the usual way, where the plan turns out to be another by then.
 */
export async function prepareRun(
  host: LinuxHost,
  kernel: KernelFeatures,
  planned: Plan,
  name: JailName,
  fallback: PreparedRun["run"],
): Promise<PreparedRun> {
  const plan = { ...planned, jail: { ...planned.jail, name } };
  let descriptor: number | undefined;
  const shut = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  let launched: Launched;
  try {
    descriptor = await openGate(host, name);
    const gate = `/proc/${process.pid}/fd/${descriptor}`;
    const hooks: OciHooks = {
      createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", HOOK, "kleene-gate", gate] }],
    };
    const bundle = await writeBundle(host.runDirectory, plan, kernel, { hooks });
    launched = launch(host, plan, bundle);
  } catch (error) {
    shut();
    await tidyUp(host, name);
    throw error;
  }

  const discard = async () => {
    shut();
    await launched.child.exited;
    await tidyUp(host, name);
  };
  return {
    discard,
    run: async (onOutput, signal) => {
      if (signal.aborted || !(await stillHolds(planned))) {
        await discard();
        throwIfCanceled(signal);
        return await fallback(onOutput, signal);
      }
      try {
        if (descriptor !== undefined) writeSync(descriptor, `${WORD}\n`);
        return await followToEnd(host, launched, onOutput, signal);
      } finally {
        shut();
        await tidyUp(host, name);
      }
    },
  };
}

/**
 * A fifo without a name, open for reading and writing: so nobody's opening waits for somebody else's. Until it loses its
 * name it is in the bundle, which goes with the jail whatever happens to us.
 */
async function openGate({ executor, runDirectory }: LinuxHost, name: JailName): Promise<number> {
  const bundle = runDirectory.bundle(name);
  await mkdir(bundle, { recursive: true, mode: 0o700 });
  const fifo = join(bundle, "gate");
  await rm(fifo, { force: true });
  await executor.exec(["mkfifo", "-m", "600", fifo]);
  try {
    return openSync(fifo, constants.O_RDWR);
  } finally {
    await rm(fifo);
  }
}

/** Users and directories may have changed since. */
async function stillHolds(planned: Plan): Promise<boolean> {
  const now = await planProcess(planned.jail, planned.process).catch(() => undefined);
  return isDeepStrictEqual(now, planned);
}
