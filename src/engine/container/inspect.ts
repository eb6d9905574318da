import type { ContainerInspect } from "../../contract/container.ts";
import type { Engine } from "../engine.ts";
import { requireContainer } from "./find.ts";
import { showContainer } from "./show.ts";

/** @throws KleeneError `not-found`, `ambiguous` */
export function inspectContainer({ db, layout }: Pick<Engine, "db" | "layout">, identifier: string): ContainerInspect {
  return {
    container: showContainer(layout, requireContainer(db, identifier)),
    container_endpoints: [],
    container_mountpoints: [],
  };
}
