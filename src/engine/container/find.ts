import type { Id } from "../../contract/names.ts";
import { type ContainerRecord, findContainer, findContainerByName, findContainerIds } from "../../db/containers.ts";
import type { Database } from "../../db/database.ts";
import { required } from "../../errors.ts";
import { findByPrefix, isWholeId } from "../prefix.ts";

/** Finds a container by its ID, its name or the beginning of the ID, in this order. @throws KleeneError `not-found`, `ambiguous` */
export function requireContainer(db: Database, identifier: string): ContainerRecord {
  return required(
    (isWholeId(identifier) ? byId(db, identifier) : undefined) ??
      findContainerByName(db, identifier) ??
      byId(db, identifier),
    `container not found: ${identifier}`,
  );
}

/** As it is now; it may have gone since it was found. @throws KleeneError `not-found` */
export function reloadContainer(db: Database, id: Id): ContainerRecord {
  return required(findContainer(db, id), `container not found: ${id}`);
}

function byId(db: Database, prefix: string): ContainerRecord | undefined {
  const id = findByPrefix(prefix, () => findContainerIds(db, prefix), "containers");
  return id === undefined ? undefined : findContainer(db, id);
}
