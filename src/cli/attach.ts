import type { Connection } from "../client/connection.ts";
import { startAttached } from "../client/exec.ts";
import { INTERRUPTED } from "./exit-status.ts";
import { outputListener } from "./stream-output.ts";

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;
/** This many ctrl-c end the client, whatever the process does. */
const PATIENCE = 3;

/**
 * Starts an execution instance and stays with it: its output is ours, signals that we get go to its process. Resolves to
 * its exit status.
 */
export async function attach(connection: Connection, execId: string, startContainer: boolean): Promise<number> {
  const waiting: NodeJS.Signals[] = [];
  let forward = (signal: NodeJS.Signals): void => void waiting.push(signal);
  const gaveUp = Promise.withResolvers<number>();
  let interrupts = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === "SIGINT" && ++interrupts >= PATIENCE) gaveUp.resolve(INTERRUPTED);
    else forward(signal);
  };
  for (const signal of FORWARDED) process.on(signal, onSignal);
  try {
    const ended = startAttached(connection, execId, startContainer, outputListener(), (send) => {
      forward = send;
      for (const signal of waiting) send(signal);
    });
    return await Promise.race([ended, gaveUp.promise]);
  } finally {
    for (const signal of FORWARDED) process.off(signal, onSignal);
  }
}
