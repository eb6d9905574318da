import { describe, expect, test } from "bun:test";
import { CommandError } from "../../../../src/errors.ts";
import { BUSY_PAUSES, whileBusy } from "../../../../src/host/zfs/busy.ts";
import { zfsError } from "../../../../src/host/zfs/errors.ts";

const busy = (dataset: string) =>
  zfsError("cannot destroy", new CommandError(["zfs"], 1, `cannot destroy '${dataset}': dataset is busy\n`));

/** An attempt that fails with each of these in turn and then succeeds. */
function failing(...failures: unknown[]) {
  const state = { attempts: 0 };
  const attempt = async () => {
    const failure = failures[state.attempts++];
    if (failure !== undefined) throw failure;
    return "done";
  };
  return { state, attempt };
}

describe("whileBusy", () => {
  test("tries again until it succeeds", async () => {
    const { state, attempt } = failing(busy("a"), busy("a"));
    expect(await whileBusy([0, 0, 0], attempt)).toBe("done");
    expect(state.attempts).toBe(3);
  });

  test("gives up when there is no pause left", async () => {
    const { state, attempt } = failing(busy("a"), busy("a"), busy("a"), busy("a"));
    await expect(whileBusy([0, 0], attempt)).rejects.toMatchObject({ code: "busy" });
    expect(state.attempts).toBe(3);
  });

  test("begins anew when another dataset is busy: that is progress", async () => {
    const { state, attempt } = failing(busy("a"), busy("b"), busy("c"), busy("d"));
    expect(await whileBusy([0], attempt)).toBe("done");
    expect(state.attempts).toBe(5);
  });

  test("any other failure is final", async () => {
    const gone = zfsError("cannot destroy", new CommandError(["zfs"], 1, "cannot open 'a': dataset does not exist\n"));
    const { state, attempt } = failing(gone);
    await expect(whileBusy([0, 0], attempt)).rejects.toBe(gone as Error);
    expect(state.attempts).toBe(1);
  });

  test("waits growing pauses, the first none, about five seconds in all", () => {
    expect(BUSY_PAUSES[0]).toBe(0);
    expect(BUSY_PAUSES[1]).toBe(5);
    expect(BUSY_PAUSES.toSorted((a, b) => a - b)).toEqual([...BUSY_PAUSES]);
    const total = BUSY_PAUSES.reduce((sum, pause) => sum + pause, 0);
    expect(total).toBeGreaterThan(4_000);
    expect(total).toBeLessThan(6_000);
  });
});
