import type { ApiServer } from "../api/server.ts";
import type { Engine } from "../engine/engine.ts";
import { log } from "../log.ts";
import type { Ending } from "./ending.ts";
import type { Listener } from "./listeners.ts";

/** Milliseconds in which a request that was under way may end. */
const PATIENCE = 60_000;
/** Milliseconds for clients to take their answers. */
const FAREWELL = 1_000;
const INTERVAL = 25;
/** Milliseconds until a connection that came while the sockets were withdrawn shows itself as activity. */
const LATECOMER = 50;

/**
 * Ends what is under way: nobody is let in, builds are stopped and cleaned up, attached clients are told why, requests
 * are answered. Containers go on.
 */
export async function shutDown(
  { activity }: Pick<Engine, "activity">,
  api: Pick<ApiServer, "stop">,
  listeners: readonly Listener[],
  ending: Ending,
): Promise<void> {
  if (ending.idle) {
    for (const listener of listeners) listener.withdraw();
    do await Bun.sleep(LATECOMER);
    while (activity.idleFor() < LATECOMER);
  }
  const stopped = Promise.all(listeners.map((listener) => listener.stop()));
  const deadline = Date.now() + PATIENCE;
  // What reads a file that never ends cannot be stopped.
  await Promise.race([api.stop(), Bun.sleep(PATIENCE)]);
  while (activity.idleFor() === 0) {
    if (Date.now() >= deadline) {
      log.warn("some requests did not end in time");
      break;
    }
    await Bun.sleep(INTERVAL);
  }
  await Promise.race([stopped, Bun.sleep(FAREWELL)]);
  await Promise.all(listeners.map((listener) => listener.cut()));
}
