import type { Id } from "../../contract/names.ts";
import { KleeneError } from "../../errors.ts";
import { jailName } from "../../platform/runtime.ts";
import type { Engine } from "../engine.ts";
import { DEFAULT_PATH } from "../environment.ts";
import type { Output } from "../output.ts";

/** Brings the userland of a new image up to date, by its own means, in a jail over it. @throws KleeneError `failed`, `canceled` */
export async function updateUserland(
  { runtime, baseUserland, layout }: Pick<Engine, "runtime" | "baseUserland" | "layout">,
  id: Id,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  output.status(`updating the userland: ${baseUserland.updateCommand.join(" ")}`);
  const status = await runtime.run(
    {
      name: jailName(id),
      root: layout.imageRoot(id),
      hostname: id,
      networkDriver: "host",
      parameters: [...(baseUserland.updateParameters ?? [])],
    },
    { argv: baseUserland.updateCommand, env: [DEFAULT_PATH], user: "", cwd: "/" },
    (stream, chunk) => output.bytes(stream, chunk),
    signal,
  );
  if (status !== 0) throw new KleeneError("failed", `the update of the userland exited with ${status}`);
}
