import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Id } from "../../contract/names.ts";
import type { FinishedImage } from "../../db/images.ts";
import type { Properties } from "../../host/zfs/zfs.ts";
import type { Layout } from "../layout.ts";

/** The user properties that every dataset of Kleene's carries: enough to rebuild a lost database from the pool. */
export function datasetProperties(kind: "image" | "container", id: Id, created: string): Properties {
  return { "kleene:kind": kind, "kleene:id": id, "kleene:created": created };
}

// zfs-fuse refuses values of more than 1024 bytes, OpenZFS of more than 8192.
const MAX_VALUE = 1000;

/**
 * An image's configuration as JSON. What may hold a password (environment, instructions) is left out, since a property
 * is set in an argv and everybody may read it: `writeImageConfig` keeps the whole of it.
 */
export function configProperties(image: Omit<FinishedImage, "instructions">): Properties {
  const { status, snapshot, user, workdir, command, tag } = image;
  const config = { status, snapshot, user, workdir, tag: tag === undefined ? "" : `${tag.name}:${tag.tag}` };
  const whole = JSON.stringify({ ...config, cmd: command });
  const value = Buffer.byteLength(whole) <= MAX_VALUE ? whole : JSON.stringify(config);
  return { "kleene:config": value };
}

/** Keeps the whole configuration in the root dataset, readable by root alone. */
export async function writeImageConfig(layout: Layout, id: Id, image: FinishedImage): Promise<void> {
  const path = layout.imageConfig(id);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, JSON.stringify(image), { mode: 0o600 });
}

export async function removeImageConfig(layout: Layout, id: Id): Promise<void> {
  await rm(layout.imageConfig(id), { force: true });
}
