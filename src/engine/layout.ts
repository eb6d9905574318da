import type { Id } from "../contract/names.ts";
import { KleeneError } from "../errors.ts";
import { type DatasetName, datasetName } from "../host/zfs/names.ts";
import type { Zfs } from "../host/zfs/zfs.ts";

/** Where things lie: under the root dataset (`DatasetName`s), and under its mountpoint (paths of the host). */
export interface Layout {
  readonly root: DatasetName;
  readonly mountpoint: string;
  readonly database: string;
  /** Where the datasets of images, and of containers, are mounted. */
  readonly roots: readonly string[];
  image(id: Id): DatasetName;
  imageRoot(id: Id): string;
  /** The image's whole configuration, for a lost database. */
  imageConfig(id: Id): string;
  container(id: Id): DatasetName;
  containerRoot(id: Id): string;
  /** Output and exit statuses of a container's execution instances. */
  containerLogs(id: Id): string;
  execDirectory(containerId: Id, execId: Id): string;
}

/**
 * Reads from ZFS where the root dataset and its children are mounted.
 *
 * @throws KleeneError `not-prepared` when they do not exist or are not mounted
 */
export async function readLayout(zfs: Zfs, root: DatasetName): Promise<Layout> {
  const mountpoints = await readMountpoints(zfs, root);
  const mountpointOf = (dataset: DatasetName): string => {
    const mountpoint = mountpoints.get(dataset);
    if (mountpoint === undefined) throw notPrepared(`the dataset ${dataset} does not exist or is not mounted`);
    return mountpoint;
  };
  const imageParent = datasetName(root, "image");
  const containerParent = datasetName(root, "container");
  const mountpoint = mountpointOf(root);
  const images = mountpointOf(imageParent);
  const containers = mountpointOf(containerParent);
  return {
    root,
    mountpoint,
    roots: [images, containers],
    database: `${mountpoint}/kleene.db`,
    image: (id) => datasetName(imageParent, id),
    imageRoot: (id) => `${images}/${id}`,
    imageConfig: (id) => `${mountpoint}/images/${id}.json`,
    container: (id) => datasetName(containerParent, id),
    containerRoot: (id) => `${containers}/${id}`,
    containerLogs: (id) => `${mountpoint}/logs/${id}`,
    execDirectory: (containerId, execId) => `${mountpoint}/logs/${containerId}/${execId}`,
  };
}

async function readMountpoints(zfs: Zfs, root: DatasetName): Promise<Map<string, string>> {
  try {
    const datasets = await zfs.list(root, { types: ["filesystem"], properties: ["mountpoint", "mounted"], depth: 1 });
    return new Map(
      datasets
        .filter(({ properties }) => properties.mounted === "yes" && properties.mountpoint?.startsWith("/"))
        .map(({ name, properties }) => [name, properties.mountpoint as string]),
    );
  } catch (error) {
    if (error instanceof KleeneError && ["not-found", "unavailable", "missing-tool"].includes(error.code)) {
      throw notPrepared(error.message, error);
    }
    throw error;
  }
}

function notPrepared(why: string, cause?: unknown): KleeneError {
  return new KleeneError("not-prepared", `this host is not prepared, run \`kleene init\` first: ${why}`, { cause });
}
