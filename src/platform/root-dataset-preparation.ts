import { describeError } from "../errors.ts";
import { type DatasetName, datasetName, poolOf } from "../host/zfs/names.ts";
import type { Zfs } from "../host/zfs/zfs.ts";
import { log } from "../log.ts";
import type { Check, PreparationOptions } from "./preparation.ts";

const KIND = "kleene:kind";

/** The folders below the root dataset, and what their datasets hold. */
const FOLDERS = { image: "images", container: "containers", volumes: "volumes", logs: "logs" } as const;

/**
 * Bytes kept free for the database, and as many for the logs, so that a full pool can be looked at and cleaned up. ZFS
 * asks for some twenty megabytes before it lets a file be made, whatever its size.
 */
const RESERVE = 64 * 2 ** 20;
/** Of the free space of a small pool. */
const RESERVED_PART = 1 / 4;

/** Makes the root dataset with its folders, or completes it; a dataset that is not Kleene's is left alone. */
export async function prepareRootDataset(
  zfs: Zfs,
  root: DatasetName,
  options: Pick<PreparationOptions, "dryRun">,
): Promise<Check> {
  const name = "root dataset";
  const foreign = await reasonToKeepOff(zfs, root);
  if (foreign !== undefined) {
    return { name, outcome: "failed", detail: foreign, remedy: "kleene init --pool NAME" };
  }
  const wanted = wantedDatasets(root, await reserve(zfs, root));
  const present = await ownKinds(zfs, root);
  const missing = wanted.filter(({ dataset, kind }) => present.get(dataset) !== kind);
  if (missing.length === 0) {
    const mountpoint = (await zfs.get(root, ["mountpoint"]))?.mountpoint ?? "none";
    return { name, outcome: "ok", detail: `${root} on ${mountpoint}` };
  }
  const what = present.size === 0 ? `${root}` : missing.map(({ dataset }) => dataset).join(", ");
  if (options.dryRun) return { name, outcome: "planned", detail: `create ${what}` };
  for (const { dataset, kind, properties } of missing) {
    if (present.has(dataset)) await zfs.set(dataset, { [KIND]: kind, ...properties });
    else await zfs.create(dataset, { properties: { [KIND]: kind, ...properties }, parents: dataset === root });
  }
  return { name, outcome: "done", detail: `created ${what}` };
}

function wantedDatasets(root: DatasetName, refreservation: string) {
  const folders = Object.entries(FOLDERS).map(([folder, kind]) => ({
    dataset: datasetName(root, folder),
    kind,
    properties: folder === "logs" ? { refreservation } : {},
  }));
  return [{ dataset: root, kind: "root", properties: { atime: "off", refreservation } }, ...folders];
}

async function reserve(zfs: Zfs, root: DatasetName): Promise<string> {
  const available = Number((await zfs.get(datasetName(poolOf(root)), ["available"]))?.available ?? 0);
  return String(Math.min(RESERVE, Math.floor(available * RESERVED_PART)));
}

/** The root and what lies right below it, each with its kind; "" for one without. */
async function ownKinds(zfs: Zfs, root: DatasetName): Promise<Map<string, string>> {
  if (!(await zfs.exists(root))) return new Map();
  const listed = await zfs.list(root, { types: ["filesystem"], properties: [KIND], depth: 1 });
  return new Map(listed.map(({ name, properties }) => [name, properties[KIND] ?? ""]));
}

async function reasonToKeepOff(zfs: Zfs, root: DatasetName): Promise<string | undefined> {
  const parts = root.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const above = datasetName(...parts.slice(0, depth));
    const kind = (await zfs.get(above, [KIND]))?.[KIND];
    if (kind !== undefined) return `${root} lies inside ${above}, which is Kleene's already`;
  }
  const kinds = await ownKinds(zfs, root);
  const kind = kinds.get(root);
  if (kind === undefined || kind === "root" || (kind === "" && kinds.size === 1)) return undefined;
  return `${root} exists and is not Kleene's`;
}

/**
 * Mounts the root dataset, what lies above it and all below it, where a reboot or an import left that undone. One image
 * or container that cannot be mounted does not keep the others from it.
 */
export async function mountRootDataset(zfs: Pick<Zfs, "get" | "list" | "mount">, root: DatasetName): Promise<void> {
  const wanted = ["mounted", "canmount", "mountpoint"];
  const parts = root.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const above = datasetName(...parts.slice(0, depth));
    await mountUnlessMounted(zfs, above, (await zfs.get(above, wanted)) ?? {});
  }
  for (const { name, properties } of await zfs.list(root, { types: ["filesystem"], properties: wanted })) {
    const dataset = datasetName(name);
    try {
      await mountUnlessMounted(zfs, dataset, properties);
    } catch (error) {
      if (name.split("/").length <= parts.length + 1) throw error;
      log.error(describeError(error));
    }
  }
}

async function mountUnlessMounted(
  zfs: Pick<Zfs, "mount">,
  dataset: DatasetName,
  { mounted, canmount, mountpoint = "none" }: Readonly<Record<string, string>>,
): Promise<void> {
  const mountable = canmount === "on" && mountpoint.startsWith("/");
  if (mounted === "no" && mountable) await zfs.mount(dataset);
}
