import type { Activity } from "../engine/activity.ts";
import { giveBackMemory } from "../host/memory.ts";

/** Milliseconds. */
const IDLE = 2_000;
const INTERVAL = 1_000;

/** Gives memory back once in each pause of the daemon's work. */
export function giveBackMemoryWhenIdle(activity: Activity): Disposable {
  let given = false;
  const timer = setInterval(() => {
    const idle = activity.idleFor() >= IDLE;
    if (idle && !given) giveBackMemory();
    given = idle;
  }, INTERVAL);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
