import type { FinishedImage } from "../../db/images.ts";
import { describeError, errorCode } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { finishImage } from "../image/finish.ts";
import { configProperties } from "../image/properties.ts";
import type { BuildContainer } from "./build-container.ts";
import { BuildError } from "./build-error.ts";

/**
 * Turns what a failed build has made into an image of its last good snapshot. A first instruction that failed leaves
 * the parent's state: what it did so far is no good start for another build.
 *
 * @param image what the image was to become, with the tag of a failed one
 * @returns the error that says why it failed and where to go on
 * @throws BuildError when it cannot be kept
 */
export async function keepFailed(
  engine: Pick<Engine, "db" | "zfs" | "layout">,
  container: BuildContainer,
  image: Omit<FinishedImage, "instructions">,
  error: unknown,
): Promise<BuildError> {
  const { id, instructions } = container;
  const options = { cause: error };
  try {
    if (container.lastSnapshot === undefined) {
      await engine.zfs.destroy(engine.layout.image(id));
      await container.makeDataset();
      await container.snapshot(image.snapshot);
    }
    const snapshot = container.lastSnapshot ?? image.snapshot;
    const failed = { ...image, status: "failed", snapshot } as const;
    await engine.zfs.set(engine.layout.image(id), configProperties(failed));
    await finishImage(engine, id, { ...failed, instructions });
    const name = image.tag === undefined ? id : `${image.tag.name}:${image.tag.tag}`;
    const kept = `the build is kept as ${name}, its most recent snapshot is ${name}@${snapshot}`;
    return new BuildError(errorCode(error), `${describeError(error)}\n${kept}`, id, snapshot, options);
  } catch (keeping) {
    const message = `${describeError(error)}\nthe build cannot be kept: ${describeError(keeping)}`;
    throw new BuildError(errorCode(error), message, "", "", options);
  }
}
