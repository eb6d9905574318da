import { KleeneError } from "../errors.ts";
import { type Command, defineCommand, type Options } from "./command.ts";

/** What a user is told who asks for something that this version only knows by name. */
export function notYet(what: string, planned: string): KleeneError {
  return new KleeneError("unsupported", `cannot serve ${what}: ${planned} are not supported yet`);
}

const MOUNTS = "volumes and mounts";

/** What connects a container, or a build container, to the world outside of it. */
export const PLANNED_ATTACHMENTS = {
  network: { type: "string", alias: "n", planned: "networks", description: "connect it to a network" },
  ip: { type: "string", planned: "networks", description: "its address in the network" },
  ip6: { type: "string", planned: "networks", description: "its IPv6 address in the network" },
  mount: { type: "string", alias: "m", planned: MOUNTS, description: "mount a volume or a directory" },
} as const satisfies Options;

export const PLANNED_PUBLISHING = {
  publish: { type: "string", alias: "p", planned: "networks", description: "make a port reachable from outside" },
} as const satisfies Options;

export const PLANNED_RESTART = {
  restart: { type: "string", planned: "restart policies", description: "when to start it by itself" },
} as const satisfies Options;

export const PLANNED_TERMINAL = {
  interactive: { type: "boolean", alias: "i", planned: "interactive sessions", description: "pass the input on" },
  tty: { type: "boolean", alias: "t", planned: "interactive sessions", description: "use a terminal" },
} as const satisfies Options;

/** A noun whose verbs are still to come. */
export function plannedCommand(name: string, planned: string): Command {
  return defineCommand({
    meta: { name, description: `Work with ${planned} (not supported yet)` },
    args: {
      verb: { type: "positional", multiple: true, required: false, valueHint: "COMMAND", description: "what to do" },
    },
    optionsFirst: true,
    run: async ({ verb }) => {
      throw notYet([name, ...verb.slice(0, 1)].join(" "), planned);
    },
  });
}
