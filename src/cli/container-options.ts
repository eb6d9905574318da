import type { ContainerRequest } from "../contract/container.ts";
import type { Options, Values } from "./command.ts";
import { environmentVariables } from "./environment.ts";
import { PLANNED_ATTACHMENTS, PLANNED_PUBLISHING, PLANNED_RESTART, PLANNED_TERMINAL } from "./planned.ts";

/** What `run`, `create` and `exec` share. */
export const PROCESS_OPTIONS = {
  env: {
    type: "string",
    alias: "e",
    multiple: true,
    valueHint: "NAME[=VALUE]",
    description: "set an environment variable; without a value, the one it has here",
  },
  user: { type: "string", alias: "u", valueHint: "USER[:GROUP]", description: "run the command as this user" },
} as const satisfies Options;

/** What `run` and `create` share. */
export const CONTAINER_OPTIONS = {
  name: { type: "string", valueHint: "NAME", description: "the container's name (default: an invented one)" },
  ...PROCESS_OPTIONS,
  envFile: {
    type: "string",
    multiple: true,
    valueHint: "FILE",
    description: "set the environment variables that are lines of a file",
  },
  jailParam: {
    type: "string",
    alias: "J",
    multiple: true,
    valueHint: "NAME[=VALUE]",
    description: "set a jail parameter",
  },
  driver: {
    type: "enum",
    alias: "l",
    options: ["host", "disabled", "ipnet", "vnet"],
    valueHint: "DRIVER",
    default: "host",
    description: "how the container is connected: host, disabled, ipnet or vnet",
  },
  persist: {
    type: "boolean",
    alias: "P",
    description: "keep the container when others are pruned",
  },
  ...PLANNED_RESTART,
  ...PLANNED_ATTACHMENTS,
  ...PLANNED_PUBLISHING,
  ...PLANNED_TERMINAL,
  rm: { type: "boolean", description: "remove the container when its command has ended" },
  image: { type: "positional", valueHint: "IMAGE", description: "IMAGE, IMAGE:TAG, IMAGE:TAG@SNAPSHOT or an ID" },
  command: {
    type: "positional",
    multiple: true,
    required: false,
    valueHint: "COMMAND",
    description: "the command and its arguments (default: the image's)",
  },
} as const satisfies Options;

export function containerRequest(args: Values<typeof CONTAINER_OPTIONS>): ContainerRequest {
  return {
    image: args.image,
    cmd: [...args.command],
    user: args.user ?? "",
    env: environmentVariables(args.env, args.envFile),
    jail_param: [...args.jailParam],
    network_driver: args.driver,
    persist: args.persist,
    auto_remove: args.rm,
    mounts: [],
    public_ports: [],
    ...(args.name === undefined ? {} : { name: args.name }),
  };
}
