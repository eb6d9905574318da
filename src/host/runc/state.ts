import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { KleeneError } from "../../errors.ts";

/** What runc's state.json says of a jail; the file is there from shortly before its first process until its end. */
export interface RuncState {
  /** The first process, on the host. */
  readonly pid: number;
  readonly annotations: Readonly<Record<string, string>>;
}

const StateFile = v.object({
  init_process_pid: v.number(),
  config: v.object({ labels: v.nullish(v.array(v.string()), []) }),
});

/** @throws KleeneError `internal` for a file that is not runc's */
export function parseState(text: string): RuncState {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), StateFile), text);
  if (!parsed.success) {
    throw new KleeneError("internal", `runc's state has an unknown form: ${parsed.issues[0].message}`);
  }
  const annotations = parsed.output.config.labels.map((label): [string, string] => {
    const [name = "", ...value] = label.split("=");
    return [name, value.join("=")];
  });
  return { pid: parsed.output.init_process_pid, annotations: Object.fromEntries(annotations) };
}

export function stateDirectory(root: string, name: string): string {
  return join(root, name);
}

/** Undefined when runc knows no such jail. */
export async function readState(root: string, name: string): Promise<RuncState | undefined> {
  const text = await readFile(join(stateDirectory(root, name), "state.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseState(text);
}
