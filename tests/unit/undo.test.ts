import { afterEach, beforeEach, describe, expect, mock, spyOn, test } from "bun:test";
import { log } from "../../src/log.ts";
import { Undo } from "../../src/undo.ts";

describe("Undo", () => {
  let said: unknown[] = [];
  beforeEach(() => {
    said = [];
    spyOn(log, "error").mockImplementation(
      Object.assign((text: unknown) => void said.push(text), { raw: () => undefined }),
    );
  });
  afterEach(() => {
    mock.restore();
  });

  async function change(body: (undo: Undo) => void | Promise<void>): Promise<void> {
    await using undo = new Undo();
    await body(undo);
  }

  test("takes back the finished steps of a change that failed, the last one first", async () => {
    const back: string[] = [];
    const failed = change((undo) => {
      undo.add("row", () => back.push("row"));
      undo.add("dataset", async () => {
        await Bun.sleep(1);
        back.push("dataset");
      });
      throw new Error("no jail");
    });
    expect(await failed.catch((error: Error) => error.message)).toBe("no jail");
    expect(back).toEqual(["dataset", "row"]);
  });

  test("takes nothing back after a commit", async () => {
    const back: string[] = [];
    await change((undo) => {
      undo.add("row", () => back.push("row"));
      undo.commit();
    });
    expect(back).toEqual([]);
  });

  test("takes back what was added after a commit", async () => {
    const back: string[] = [];
    await change((undo) => {
      undo.add("row", () => back.push("row"));
      undo.commit();
      undo.add("mount", () => back.push("mount"));
    });
    expect(back).toEqual(["mount"]);
  });

  test("a step that cannot be taken back is logged, hides no error and does not stop the others", async () => {
    const back: string[] = [];
    const failed = change((undo) => {
      undo.add("row of container 7", () => back.push("row"));
      undo.add("dataset tank/a", () => Promise.reject(new Error("dataset is busy")));
      throw new Error("no jail");
    });
    expect(await failed.catch((error: Error) => error.message)).toBe("no jail");
    expect(back).toEqual(["row"]);
    expect(said).toEqual(["cannot take back dataset tank/a: dataset is busy"]);
  });
});
