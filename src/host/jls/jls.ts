import type { Executor } from "../exec.ts";
import type { KernelJailName } from "../jail/name.ts";
import { type ListedJail, parseJails } from "./parse.ts";

/** Every jail of the host that is not dying: jls(8). */
export async function listJails({ exec }: Pick<Executor, "exec">): Promise<ListedJail[]> {
  return parseJails((await exec(["/usr/sbin/jls", "--libxo", "json", "jid", "name", "path"])).stdout);
}

/** One jail; undefined when there is none of that name. */
export async function findJail(
  executor: Pick<Executor, "exec">,
  name: KernelJailName,
): Promise<ListedJail | undefined> {
  return (await listJails(executor)).find((jail) => jail.name === name);
}
