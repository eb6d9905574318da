import type { Options, Values } from "./command.ts";

/** Understood by every command, before and after its name. */
export const GLOBAL_OPTIONS = {
  host: {
    type: "string",
    valueHint: "ADDRESS",
    description: "the daemon: http:///path/of.sock, http://host:port or https://host:port",
  },
  tlsverify: {
    type: "boolean",
    description: "verify the daemon's certificate (default: yes)",
    negativeDescription: "do not verify the daemon's certificate",
  },
  tlscacert: { type: "string", valueHint: "FILE", description: "trust certificates signed by this authority" },
  tlscert: { type: "string", valueHint: "FILE", description: "the client's certificate" },
  tlskey: { type: "string", valueHint: "FILE", description: "the key of the client's certificate" },
  autostart: {
    type: "boolean",
    description: "start a daemon when none runs on this machine (default: yes)",
    negativeDescription: "do not start a daemon",
  },
  help: { type: "boolean", alias: "h", description: "show this help" },
} as const satisfies Options;

export type GlobalValues = Partial<Values<typeof GLOBAL_OPTIONS>>;
