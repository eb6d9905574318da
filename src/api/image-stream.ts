import { ImageBuildConfig, ImageCreateConfig } from "../contract/image.ts";
import type { buildImage } from "../engine/build/build.ts";
import { BuildError } from "../engine/build/build-error.ts";
import type { Engine } from "../engine/engine.ts";
import type { createImage } from "../engine/image/create.ts";
import type { Output } from "../engine/output.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";

/** `/images/build`. When the client goes away, the build is stopped and cleaned up. */
export function buildEndpoint(engine: Engine, build: typeof buildImage): Endpoint {
  return endpoint({
    config: ImageBuildConfig,
    encoding: "build",
    async run(config, stream, { connection }) {
      const output = config.quiet ? silent : stream;
      const id = await build(engine, config, output, connection.signal, (started) => stream.starting(started));
      return { code: 1000, message: "image created", data: id, result: { id } };
    },
    failure(error, _reason, started) {
      const message = started ? "image build failed" : "failed to process Dockerfile";
      if (!(error instanceof BuildError) || error.imageId === "") return { message, data: "" };
      if (error.snapshot === "") return { message, data: "no snapshots available" };
      return { message, data: `@${error.snapshot}` };
    },
  });
}

const silent: Output = { status() {}, bytes() {}, progress() {} };

/** `/images/create`. When the client goes away, what was made is removed. */
export function createEndpoint(engine: Engine, create: typeof createImage): Endpoint {
  return endpoint({
    config: ImageCreateConfig,
    encoding: "text",
    async run(config, stream, { connection }) {
      stream.starting("");
      const id = await create(engine, config, stream, connection.signal);
      return { code: 1000, message: "image created", data: id, result: { id } };
    },
    failure: (_error, reason) => ({ message: `image creation failed: ${reason}`, data: "" }),
  });
}
