import type { DatasetName } from "./names.ts";
import type { Zfs } from "./zfs.ts";

/**
 * Unmounts the dataset and what is mounted of the datasets below it, the deepest first. Returns what it unmounted, in
 * the order to mount it again; when one is in use, the others are mounted again and the error is thrown.
 */
export async function unmountTree(
  zfs: Pick<Zfs, "list" | "mount" | "unmount">,
  top: DatasetName,
): Promise<readonly DatasetName[]> {
  const datasets = await zfs.list(top, { properties: ["mounted"] });
  const mounted = datasets
    .filter(({ properties }) => properties.mounted === "yes")
    .map(({ name }) => name as DatasetName);
  const unmounted: DatasetName[] = [];
  try {
    for (const dataset of mounted.toReversed()) {
      await zfs.unmount(dataset);
      unmounted.unshift(dataset);
    }
  } catch (error) {
    await mountAll(zfs, unmounted);
    throw error;
  }
  return unmounted;
}

/** Mounts what still exists; one that cannot be mounted does not keep the others from it. */
export async function mountAll(zfs: Pick<Zfs, "mount">, datasets: readonly DatasetName[]): Promise<void> {
  for (const dataset of datasets) await zfs.mount(dataset).catch(() => undefined);
}
