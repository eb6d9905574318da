import type { ImageBuildConfig } from "../../contract/image.ts";
import type { Id } from "../../contract/names.ts";
import { deleteImage, type FinishedImage, insertCreatingImage } from "../../db/images.ts";
import { describeProblem } from "../../dockerfile/error.ts";
import { evaluate, resolveFrom } from "../../dockerfile/evaluate.ts";
import { describeError, errorCode, KleeneError } from "../../errors.ts";
import { snapshotLabel, snapshotName } from "../../host/zfs/names.ts";
import { jailName } from "../../platform/runtime.ts";
import { Undo } from "../../undo.ts";
import type { Engine } from "../engine.ts";
import { newId, timestamp } from "../id.ts";
import { destroyImageDataset } from "../image/destroy-dataset.ts";
import { type FoundImage, requireImage } from "../image/find.ts";
import { finishImage } from "../image/finish.ts";
import { configProperties, datasetProperties } from "../image/properties.ts";
import { parseNametag } from "../image/reference.ts";
import type { Output } from "../output.ts";
import { BuildContainer } from "./build-container.ts";
import { BuildError } from "./build-error.ts";
import { checkSources } from "./check-sources.ts";
import { type BuildInput, namingFile, readBuildInput } from "./dockerfile.ts";
import { keepFailed } from "./keep-failed.ts";

/**
 * Builds an image: clones the parent's snapshot, carries out the instructions there, and takes a snapshot after every
 * RUN and COPY; the last one is named after the image. Nothing is made before the whole Dockerfile was understood.
 *
 * A build that fails at an instruction is kept as `NAME:failed`, unless `config.cleanup` says otherwise; a canceled
 * one never is.
 *
 * @param onStarted is called when the first instruction is about to be carried out
 * @throws BuildError when an instruction fails; KleeneError `invalid`, `not-found`, `unsupported`, `no-space` before
 */
export async function buildImage(
  engine: Engine,
  config: ImageBuildConfig,
  output: Output,
  signal: AbortSignal,
  onStarted: (id: Id) => void,
): Promise<Id> {
  using _activity = engine.activity.begin();
  refuseUnsupported(config);
  const { db, zfs, layout } = engine;
  const tag = config.tag === "" ? undefined : parseNametag(config.tag);
  const input = await readBuildInput(config);
  const parent = findParent(engine, config, input);
  const evaluation = namingFile(config.dockerfile, () => evaluateOn(parent, config, input));
  await checkSources(config.dockerfile, input.context, evaluation.steps);

  // It may have been removed meanwhile; from here to its child's row nothing else runs.
  requireImage(db, `${parent.image.id}@${parent.snapshot}`);

  const id = newId();
  const image: Omit<FinishedImage, "instructions"> = {
    status: "ready",
    snapshot: snapshotLabel(id),
    tag,
    command: evaluation.result.cmd ?? parent.image.command,
    env: evaluation.result.env,
    workdir: evaluation.result.workdir,
    // The flag --user is the build container's alone.
    user: evaluation.steps.some(({ effect }) => effect.kind === "user") ? evaluation.result.user : parent.image.user,
  };
  const created = timestamp();
  const origin = snapshotName(layout.image(parent.image.id), parent.snapshot);
  const properties = { ...datasetProperties("image", id, created), ...configProperties(image) };
  const container = new BuildContainer(engine, { id, origin, properties, config, input, evaluation, output, signal });
  engine.runtime.check(container.jail);

  await using undo = new Undo();
  insertCreatingImage(db, { id, snapshot: image.snapshot, parentId: parent.image.id, created });
  undo.add(`row of image ${id}`, () => deleteImage(db, id));
  undo.add(`dataset ${layout.image(id)}`, () => destroyImageDataset(zfs, layout, id));
  undo.add(`jail of image ${id}`, () => engine.runtime.stop(jailName(id), 0));
  await container.makeDataset();

  onStarted(id);
  for (const warning of [...input.dockerfile.warnings.map(describeProblem), ...evaluation.warnings]) {
    if (!config.quiet) output.status(`warning: ${warning}`);
  }
  try {
    await container.carryOut();
  } catch (error) {
    if (signal.aborted) throw new KleeneError("canceled", "the build was canceled", { cause: error });
    if (config.cleanup) throw new BuildError(errorCode(error), describeError(error), "", "", { cause: error });
    const failed = tag === undefined ? undefined : { name: tag.name, tag: "failed" };
    const kept = await keepFailed(engine, container, { ...image, tag: failed }, error);
    undo.commit();
    throw kept;
  }
  await finishImage(engine, id, { ...image, instructions: container.instructions });
  undo.commit();
  return id;
}

function refuseUnsupported({ container_config, networks }: ImageBuildConfig): void {
  if ((container_config.mounts ?? []).length > 0) throw new KleeneError("unsupported", "mounts are not supported yet");
  if (networks.length > 0) throw new KleeneError("unsupported", "networks are not supported yet");
}

function findParent({ db }: Pick<Engine, "db">, config: ImageBuildConfig, { dockerfile }: BuildInput): FoundImage {
  const from = namingFile(config.dockerfile, () => resolveFrom(dockerfile, config.buildargs));
  const given = config.container_config.image;
  if (given) return requireImage(db, given);
  try {
    return requireImage(db, from.image);
  } catch (error) {
    throw new KleeneError(errorCode(error), `${config.dockerfile}: line ${from.line}: FROM ${from.image}`, {
      cause: error,
    });
  }
}

function evaluateOn({ image }: FoundImage, config: ImageBuildConfig, { dockerfile }: BuildInput) {
  return evaluate({
    dockerfile,
    buildArgs: config.buildargs,
    env: image.env,
    user: config.container_config.user || image.user,
    workdir: image.workdir,
  });
}
