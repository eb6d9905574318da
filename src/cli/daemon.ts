import { defineCommand } from "./command.ts";
import { parseSeconds } from "./quantity.ts";

export const daemon = defineCommand({
  meta: { name: "daemon", description: "Run the daemon, in the foreground" },
  args: {
    config: { type: "string", valueHint: "FILE", description: "the configuration file" },
    host: {
      type: "string",
      multiple: true,
      valueHint: "ADDRESS",
      description: "listen here: http:///path/of.sock, http://host:port or https://host:port",
    },
    root: { type: "string", valueHint: "DATASET", description: "the dataset that holds everything" },
    idleTimeout: {
      type: "string",
      valueHint: "SECONDS",
      description: "end after so long without work (default: never)",
    },
  },
  run: async (args) => {
    const { runDaemon } = await import("../daemon/daemon.ts");
    return await runDaemon({
      ...(args.config === undefined ? {} : { config: args.config }),
      ...(args.host.length === 0 ? {} : { hosts: [...args.host] }),
      ...(args.root === undefined ? {} : { root: args.root }),
      ...(args.idleTimeout === undefined ? {} : { idleTimeout: parseSeconds("--idle-timeout", args.idleTimeout) }),
    });
  },
});
