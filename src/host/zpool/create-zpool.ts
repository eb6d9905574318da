import { CommandError, KleeneError } from "../../errors.ts";
import type { Argv, Executor } from "../exec.ts";
import { BUSY_PAUSES, whileBusy } from "../zfs/busy.ts";
import { zfsError } from "../zfs/errors.ts";
import { changingMounts } from "../zfs/fuse.ts";
import { propertyFlags } from "../zfs/properties.ts";
import { POOL_COLUMNS, parsePools } from "./parse.ts";
import type { Zpool } from "./zpool.ts";

/** Milliseconds: labels are written, or many datasets unmounted or mounted. */
const SLOW = 15 * 60 * 1000;

/**
 * zpool(8) by an executor.
 *
 * @param options.pauses milliseconds before each further attempt at something busy
 * @param options.changeMounts is put around what mounts or unmounts; another only where no ZFS is called
 */
export function createZpool(executor: Executor, { pauses = BUSY_PAUSES, changeMounts = changingMounts } = {}): Zpool {
  async function run(what: string, argv: Argv, keep: readonly number[] = []): Promise<string> {
    try {
      return (await executor.exec(argv, { timeout: SLOW, keep })).stdout;
    } catch (error) {
      throw zfsError(what, withReasonFirst(error));
    }
  }

  const list = async () => parsePools(await run("cannot list the pools", ["zpool", "list", "-H", "-o", POOL_COLUMNS]));

  return {
    list,

    async exists(name) {
      return (await list()).some((pool) => pool.name === name);
    },

    async create(name, vdevs, { mountpoint, properties, poolProperties } = {}) {
      const flags = [...propertyFlags("-o", poolProperties), ...propertyFlags("-O", properties)];
      if (mountpoint !== undefined) flags.push("-m", mountpoint === "none" ? "none" : absolute(mountpoint));
      if (vdevs.length === 0) throw new KleeneError("invalid", `pool ${name} needs a device or a file`);
      const argv: Argv = ["zpool", "create", ...flags, name, ...vdevs.map(absolute)];
      await changeMounts(name, (keep) => run(`cannot create pool ${name}`, argv, keep));
    },

    async destroy(name) {
      const attempt = (keep: readonly number[]) => run(`cannot destroy pool ${name}`, ["zpool", "destroy", name], keep);
      await whileBusy(pauses, () => changeMounts(name, attempt));
    },

    async import(name, { directory } = {}) {
      const where = directory === undefined ? [] : ["-d", absolute(directory)];
      await changeMounts(name, (keep) => run(`cannot import pool ${name}`, ["zpool", "import", ...where, name], keep));
    },

    async export(name) {
      const attempt = (keep: readonly number[]) => run(`cannot export pool ${name}`, ["zpool", "export", name], keep);
      await whileBusy(pauses, () => changeMounts(name, attempt));
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ABSOLUTE = /^\/[^\u0000-\u001f\u007f]*$/;

/** An absolute path is neither an option nor the word for a kind of vdev. */
function absolute(path: string): string {
  if (!ABSOLUTE.test(path)) throw new KleeneError("invalid", `"${path}" is not an absolute path`);
  return path;
}

const PREAMBLE =
  /^(Defaulting to \w+ blocksize|invalid vdev specification|use '-f' to override|the following errors must)/;

/** zpool(8) leads up to the reason with notes; an error message is the first line. */
function withReasonFirst(error: unknown): unknown {
  if (!(error instanceof CommandError)) return error;
  const lines = error.stderr.split("\n");
  const reason = lines.filter((line) => !PREAMBLE.test(line)).join("\n");
  const { argv, exitCode, timedOut } = error;
  return reason.trim() === "" ? error : new CommandError(argv, exitCode, reason, { timedOut, cause: error.cause });
}
