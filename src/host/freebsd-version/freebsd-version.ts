import { KleeneError } from "../../errors.ts";
import type { Executor } from "../exec.ts";

export interface FreeBsdVersion {
  /** Without the patch level: `14.1-RELEASE`, `15.0-CURRENT`. */
  readonly release: string;
  readonly major: number;
  /** As freebsd-version(1) says it: `14.1-RELEASE-p5`. */
  readonly text: string;
}

/** The installed userland's version: freebsd-version(1). */
export async function userlandVersion({ exec }: Pick<Executor, "exec">): Promise<FreeBsdVersion> {
  return parseFreeBsdVersion((await exec(["/bin/freebsd-version", "-u"])).stdout);
}

/** @throws KleeneError `internal` for anything but one version */
export function parseFreeBsdVersion(output: string): FreeBsdVersion {
  const text = output.trim();
  const [, release, major] = /^(([1-9]\d*)\.\d+-[A-Z]+\d*)(?:-p\d+)?$/.exec(text) ?? [];
  if (release === undefined) throw new KleeneError("internal", "freebsd-version wrote something unexpected");
  return { release, major: Number(major), text };
}
