import { existsSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { follow } from "../../client/stream.ts";
import type { ImageBuildRequest } from "../../contract/image.ts";
import { KleeneError } from "../../errors.ts";
import { defineCommand, type Options, type Values } from "../command.ts";
import { buildArguments, environmentVariables } from "../environment.ts";
import { PLANNED_ATTACHMENTS } from "../planned.ts";
import { print } from "../standard-output.ts";
import { type OutputListener, outputListener } from "../stream-output.ts";

const ARGS = {
  tag: { type: "string", alias: "t", valueHint: "NAME[:TAG]", description: "the image's name (default tag: latest)" },
  file: {
    type: "string",
    alias: "f",
    valueHint: "FILE",
    description: "the Dockerfile: here, or else in PATH (default: PATH/Dockerfile)",
  },
  buildArg: {
    type: "string",
    multiple: true,
    valueHint: "NAME[=VALUE]",
    description: "the value of an ARG; without one, the environment's",
  },
  quiet: { type: "boolean", alias: "q", description: "print only the image's ID" },
  cleanup: {
    type: "boolean",
    alias: "rm",
    description: "destroy what a failed build has made, else kept as NAME:failed",
  },
  from: { type: "string", valueHint: "IMAGE", description: "use this image instead of the one in FROM" },
  env: {
    type: "string",
    alias: "e",
    multiple: true,
    valueHint: "NAME[=VALUE]",
    description: "set an environment variable in the build container",
  },
  user: { type: "string", alias: "u", valueHint: "USER", description: "run instructions as this user until USER" },
  jailParam: {
    type: "string",
    alias: "J",
    multiple: true,
    valueHint: "NAME[=VALUE]",
    description: "set a jail parameter of the build container",
  },
  driver: {
    type: "enum",
    alias: "l",
    options: ["host", "disabled", "ipnet", "vnet"],
    valueHint: "DRIVER",
    default: "host",
    description: "how the build container is connected: host, disabled, ipnet or vnet",
  },
  path: { type: "positional", valueHint: "PATH", description: "the build context: a directory of the daemon's host" },
} as const satisfies Options;

export const build = defineCommand({
  meta: { name: "build", description: "Build an image from a Dockerfile" },
  args: { ...PLANNED_ATTACHMENTS, ...ARGS },
  examples: ["kleene build -t hello .", "kleene build -t hello:dev -f Dockerfile.dev --build-arg VERSION=2 app"],
  run: async (args, { connect }) => {
    const connection = await connect();
    const request = imageBuildRequest(args, connection.local);
    const listener = buildListener(args.quiet);
    const { id } = await follow(connection, "/images/build", request, listener).finally(listener.clear);
    await print(id ?? "");
    return 0;
  },
});

/**
 * @param local the daemon sees the same files, so that missing ones can be told now
 * @throws KleeneError `invalid`
 */
export function imageBuildRequest(
  args: Values<typeof ARGS>,
  local: boolean,
  directory = process.cwd(),
): ImageBuildRequest {
  const context = resolve(directory, args.path);
  if (local && !statSync(context, { throwIfNoEntry: false })?.isDirectory()) {
    throw new KleeneError("invalid", `the build context ${args.path} is not a directory`);
  }
  return {
    context,
    dockerfile: dockerfile(args.file, local, directory),
    tag: args.tag ?? "",
    quiet: args.quiet,
    cleanup: args.cleanup,
    buildargs: buildArguments(args.buildArg),
    container_config: {
      image: args.from ?? null,
      user: args.user ?? "",
      env: environmentVariables(args.env),
      jail_param: [...args.jailParam],
      network_driver: args.driver,
      mounts: [],
    },
    networks: [],
  };
}

/** As with Docker a relative FILE is one in the current directory; where there is none of that name, one in the context. */
function dockerfile(file: string | undefined, local: boolean, directory: string): string {
  if (file === undefined || isAbsolute(file)) return file ?? "Dockerfile";
  const here = resolve(directory, file);
  return local && existsSync(here) ? here : file;
}

/** Steps and the commands' stdout are this command's data; the last line is the image's ID. */
function buildListener(quiet: boolean): OutputListener {
  const listener = outputListener({ linesTo: print });
  if (quiet) return { ...listener, output: async () => {}, status: async () => {} };
  return listener;
}
