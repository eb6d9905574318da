import { readFile, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ImageBuildConfig } from "../../contract/image.ts";
import { DockerfileError } from "../../dockerfile/error.ts";
import type { Dockerfile } from "../../dockerfile/instruction.ts";
import { parseDockerfile } from "../../dockerfile/parse.ts";
import { type ErrorCode, KleeneError, systemErrorCode } from "../../errors.ts";
import { isInside } from "./sources.ts";

export interface BuildInput {
  /** The context's own path, links followed. */
  readonly context: string;
  readonly dockerfile: Dockerfile;
}

/** A Dockerfile larger than this is something else. Bytes. */
const MAX_SIZE = 1024 * 1024;

/**
 * Reads and parses the Dockerfile of a build.
 *
 * @throws KleeneError `not-found`, `invalid` with every problem of the file, one a line
 */
export async function readBuildInput(config: Pick<ImageBuildConfig, "context" | "dockerfile">): Promise<BuildInput> {
  const context = await requireDirectory(config.context);
  const path = resolve(context, config.dockerfile);
  await refuseLinkOutside(context, path);
  const text = await readDockerfile(path);
  return { context, dockerfile: namingFile(config.dockerfile, () => parseDockerfile(text)) };
}

/** Runs `read`, and puts the file's name before each problem that it finds. */
export function namingFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    const lines = error.message.split("\n").map((line) => `${file}: ${line}`);
    throw new KleeneError("invalid", lines.join("\n"));
  }
}

async function requireDirectory(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    throw fileError(`cannot read the build context ${path}`, error);
  }
  throw new KleeneError("invalid", `the build context ${path} is not a directory`);
}

/** Nobody asked for the file that a context's own link leads to, and its lines would stand in our messages. */
async function refuseLinkOutside(context: string, path: string): Promise<void> {
  if (!isInside(context, path)) return;
  const real = await realpath(path).catch(() => context);
  if (!isInside(context, real)) {
    throw new KleeneError("invalid", `the Dockerfile ${path} is a link that leads out of the build context`);
  }
}

async function readDockerfile(path: string): Promise<string> {
  let size: number;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new KleeneError("invalid", `${path} is not a file`);
    size = stats.size;
    if (size <= MAX_SIZE) return await readFile(path, "utf8");
  } catch (error) {
    throw error instanceof KleeneError ? error : fileError(`cannot read the Dockerfile ${path}`, error);
  }
  throw new KleeneError("invalid", `${path} is no Dockerfile: it has ${size} bytes`);
}

function fileError(what: string, cause: unknown): KleeneError {
  const errno = systemErrorCode(cause) ?? "";
  const codes: Record<string, [ErrorCode, string]> = {
    ENOENT: ["not-found", "it does not exist"],
    ENOTDIR: ["not-found", "it does not exist"],
    EACCES: ["permission", "permission denied"],
    ELOOP: ["invalid", "too many symbolic links"],
  };
  const [code, why] = codes[errno] ?? ["invalid", cause instanceof Error ? cause.message : String(cause)];
  return new KleeneError(code, `${what}: ${why}`);
}
