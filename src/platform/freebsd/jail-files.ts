import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemErrorCode } from "../../errors.ts";
import type { JailFile } from "../../host/jail/jail.ts";
import { kernelJailName } from "../../host/jail/name.ts";
import { type JailName, jailName } from "../runtime.ts";

const SUFFIX = ".conf";

/** The jail.conf files of one runtime. A jail is this runtime's exactly if its file is here. */
export class JailFiles {
  constructor(readonly directory: string) {}

  file(name: JailName): JailFile {
    return { name: kernelJailName(name), conf: join(this.directory, name + SUFFIX) };
  }

  /** What `lockf` locks while the jail is removed. */
  lock(name: JailName): string {
    return join(this.directory, `${name}.lock`);
  }

  /** Where the process of a build's instruction is described. */
  spec(name: JailName): string {
    return join(this.directory, `${name}.spec`);
  }

  /** Complete or not at all; readable by root alone, since the parameters may hold secrets. */
  async write(name: JailName, text: string): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const { conf } = this.file(name);
    const next = `${conf}.${randomUUID()}`; // two stops at once each write their own
    await writeFile(next, text, { mode: 0o600, flag: "wx" });
    await rename(next, conf);
  }

  async read(name: JailName): Promise<string | undefined> {
    return await readFile(this.file(name).conf, "utf8").catch(whenMissing(undefined));
  }

  async remove(name: JailName): Promise<void> {
    await rm(this.file(name).conf, { force: true });
  }

  async names(): Promise<JailName[]> {
    const files = await readdir(this.directory).catch(whenMissing([] as string[]));
    return files
      .filter((file) => /^[a-z0-9]+\.conf$/.test(file))
      .map((file) => jailName(file.slice(0, -SUFFIX.length)));
  }
}

function whenMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (systemErrorCode(error) === "ENOENT") return otherwise;
    throw error;
  };
}
