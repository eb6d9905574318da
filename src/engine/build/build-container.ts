import { statfs } from "node:fs/promises";
import type { ImageBuildConfig } from "../../contract/image.ts";
import type { Id } from "../../contract/names.ts";
import type { ImageInstructionRow } from "../../db/images.ts";
import { describeProblem } from "../../dockerfile/error.ts";
import type { Evaluation } from "../../dockerfile/evaluate.ts";
import type { CopyEffect, RunEffect, Step } from "../../dockerfile/step.ts";
import { describeError, errorCode, KleeneError } from "../../errors.ts";
import { resolveInRoot } from "../../host/rooted-path.ts";
import { type SnapshotLabel, type SnapshotName, snapshotLabel, snapshotName } from "../../host/zfs/names.ts";
import type { Properties } from "../../host/zfs/zfs.ts";
import { type Jail, jailName } from "../../platform/runtime.ts";
import { resolveUser } from "../../platform/user.ts";
import type { Engine } from "../engine.ts";
import { newSnapshotLabel } from "../id.ts";
import { SNAPSHOT_OWNER } from "../image/destroy-dataset.ts";
import type { Output } from "../output.ts";
import { copyIntoRoot, makeDirectories } from "./copy.ts";
import type { BuildInput } from "./dockerfile.ts";
import { RunAhead } from "./run-ahead.ts";

export interface BuildContainerOptions {
  readonly id: Id;
  /** The parent's snapshot. */
  readonly origin: SnapshotName;
  /** Of the dataset. */
  readonly properties: Properties;
  readonly config: ImageBuildConfig;
  readonly input: BuildInput;
  readonly evaluation: Evaluation;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Carries out the instructions of one build in the image's own dataset. */
export class BuildContainer {
  readonly id: Id;
  readonly jail: Jail;
  /** Those carried out so far, each with the snapshot taken after it. */
  readonly instructions: ImageInstructionRow[] = [];
  /** Of the most recent instruction that succeeded. */
  lastSnapshot: SnapshotLabel | undefined;

  constructor(
    private readonly engine: Pick<Engine, "zfs" | "layout" | "runtime">,
    private readonly options: BuildContainerOptions,
  ) {
    const { id, config } = options;
    this.id = id;
    this.jail = {
      name: jailName(id),
      root: engine.layout.imageRoot(id),
      hostname: id,
      networkDriver: config.container_config.network_driver ?? "host",
      parameters: config.container_config.jail_param ?? [],
    };
  }

  /** Clones the parent's snapshot. */
  async makeDataset(): Promise<void> {
    const { origin, properties } = this.options;
    await this.engine.zfs.clone(origin, this.engine.layout.image(this.id), properties);
  }

  /** @throws KleeneError that names the instruction: `failed`, `invalid`, `not-found`, `no-space`, `canceled` */
  async carryOut(): Promise<void> {
    const { config, evaluation, output } = this.options;
    const { id } = this;
    const { steps } = evaluation;
    const last = lastChange(steps);
    await using runs = new RunAhead(this.engine.runtime, this.jail, steps, config.container_config.env ?? []);
    for (const [index, step] of steps.entries()) {
      const { source } = step.instruction;
      if (!config.quiet) output.status(`Step ${index + 1}/${steps.length} : ${source}`);
      await this.carryOutStep(step, runs);
      let label: SnapshotLabel | "" = "";
      if (index === last || step.effect.kind === "run" || step.effect.kind === "copy") {
        label = index === last ? snapshotLabel(id) : newSnapshotLabel();
        await this.snapshot(label);
        if (!config.quiet) output.status(`--> Snapshot created: @${label}`);
      }
      this.instructions.push({ line: source, snapshot: label });
    }
    if (last === undefined) await this.snapshot(snapshotLabel(id));
  }

  async snapshot(label: SnapshotLabel): Promise<void> {
    const { zfs, layout } = this.engine;
    await zfs.snapshot(snapshotName(layout.image(this.id), label), { [SNAPSHOT_OWNER]: this.id });
    this.lastSnapshot = label;
  }

  private async carryOutStep(step: Step, runs: RunAhead): Promise<void> {
    const { config, signal } = this.options;
    if (signal.aborted) throw new KleeneError("canceled", "the build was canceled");
    try {
      switch (step.effect.kind) {
        case "run":
          return await this.run(step.effect, runs);
        case "copy":
          return await this.copy(step.effect);
        case "workdir":
          return await this.makeWorkdir(step.effect.path);
        case "from":
        case "arg":
        case "env":
        case "cmd":
        case "user":
          return;
        default:
          step.effect satisfies never;
      }
    } catch (error) {
      const { line, endLine, kind } = step.instruction;
      const problem = { line, endLine, instruction: kind.toUpperCase(), message: describeError(error) };
      throw new KleeneError(errorCode(error), `${config.dockerfile}: ${describeProblem(problem)}`, { cause: error });
    }
  }

  private async run(effect: RunEffect, runs: RunAhead): Promise<void> {
    const { config, output, signal } = this.options;
    const onOutput: Output["bytes"] = (stream, chunk) => {
      if (!config.quiet) output.bytes(stream, chunk);
    };
    const status = await runs.run(effect, onOutput, signal);
    if (status !== 0) {
      const why = (await isFull(this.jail.root)) ? ": the pool is full" : "";
      throw new KleeneError(
        "failed",
        `The command '${effect.argv.join(" ")}' returned a non-zero code: ${status}${why}`,
      );
    }
  }

  private async copy({ sources, destination, chown, chmod }: CopyEffect): Promise<void> {
    const { root } = this.jail;
    await copyIntoRoot({
      context: this.options.input.context,
      root,
      sources,
      destination,
      owner: chown === undefined ? { uid: 0, gid: 0 } : await resolveUser(root, chown),
      mode: chmod === undefined ? undefined : Number.parseInt(chmod, 8),
    });
  }

  private async makeWorkdir(path: string): Promise<void> {
    await makeDirectories({ owner: { uid: 0, gid: 0 } }, await resolveInRoot(this.jail.root, path));
  }
}

/** Bytes. Less is as good as nothing. */
const SPACE = 2 ** 20;

async function isFull(path: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize < SPACE;
}

/** The last instruction that may change files: its snapshot is the image's. */
function lastChange(steps: readonly Step[]): number | undefined {
  const index = steps.findLastIndex(({ effect }) => ["run", "copy", "workdir"].includes(effect.kind));
  return index < 0 ? undefined : index;
}
