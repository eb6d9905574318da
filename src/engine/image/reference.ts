import { KleeneError } from "../../errors.ts";
import { type SnapshotLabel, snapshotLabel } from "../../host/zfs/names.ts";

/** How a user names an image: `NAME[:TAG][@SNAPSHOT]` or an ID or its beginning. */
export interface ImageReference {
  /** May hold a registry and slashes; it may also be the beginning of an ID. */
  readonly name: string;
  /** undefined when none was given: then it is `latest`, or the name is an ID. */
  readonly tag: string | undefined;
  readonly snapshot: SnapshotLabel | undefined;
}

const COMPONENT = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;
const REGISTRY = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const MAX_NAME = 255;

/** @throws KleeneError `invalid` */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf("@");
  const nametag = at < 0 ? text : text.slice(0, at);
  const snapshot = at < 0 ? undefined : snapshotLabel(text.slice(at + 1));
  // A colon before the last slash belongs to a registry's port.
  const colon = nametag.indexOf(":", nametag.lastIndexOf("/") + 1);
  const name = colon < 0 ? nametag : nametag.slice(0, colon);
  const tag = colon < 0 ? undefined : nametag.slice(colon + 1);
  const [first = "", ...others] = name.split("/");
  const validName =
    name.length <= MAX_NAME &&
    (others.length > 0 ? REGISTRY : COMPONENT).test(first) &&
    others.every((component) => COMPONENT.test(component));
  if (!validName) throw new KleeneError("invalid", `"${text}" is not the name of an image`);
  if (tag !== undefined && !TAG.test(tag)) throw new KleeneError("invalid", `"${tag}" is not an image's tag`);
  return { name, tag, snapshot };
}

/** `NAME[:TAG]` of an image that is made or tagged; the tag is `latest` when none is given. @throws KleeneError `invalid` */
export function parseNametag(text: string): { name: string; tag: string } {
  const { name, tag, snapshot } = parseImageReference(text);
  if (snapshot !== undefined) throw new KleeneError("invalid", `"${text}": a new name cannot hold a snapshot`);
  return { name, tag: tag ?? "latest" };
}
