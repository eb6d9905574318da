import type { ContainerRecord } from "../../db/containers.ts";
import { type Jail, jailName } from "../../platform/runtime.ts";
import type { Layout } from "../layout.ts";

/** The jail that a container runs as. */
export function jailOf(
  layout: Layout,
  container: Pick<ContainerRecord, "id" | "networkDriver" | "jailParameters">,
): Jail {
  return {
    name: jailName(container.id),
    root: layout.containerRoot(container.id),
    hostname: container.id,
    networkDriver: container.networkDriver,
    parameters: container.jailParameters,
  };
}
