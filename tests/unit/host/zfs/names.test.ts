import { describe, expect, test } from "bun:test";
import { datasetName, parseSnapshotName, poolOf, snapshotLabel, snapshotName } from "../../../../src/host/zfs/names.ts";

describe("names of datasets and snapshots", () => {
  test("are joined from plain components", () => {
    const dataset = datasetName("zroot/kleene", "image", "0123456789ab");
    expect<string>(dataset).toBe("zroot/kleene/image/0123456789ab");
    expect(poolOf(dataset)).toBe("zroot");
    expect<string>(snapshotName(dataset, snapshotLabel("a_b.c:d-e"))).toBe(`${dataset}@a_b.c:d-e`);
  });

  test.each(["", "..", "a/../b", "/a", "a/", "a//b", "-R", "a/-R", "a b", "a@b", "a#b", "a%b", "a\nb", "é", "$(id)"])(
    "%j is no dataset",
    (name) => {
      expect(() => datasetName(name)).toThrow("is not a dataset's name");
    },
  );

  test("nothing at all is no dataset", () => {
    expect(() => datasetName()).toThrow();
    expect(() => datasetName("zroot", "")).toThrow();
  });

  test("a snapshot is taken apart at its first @ and checked on both sides", () => {
    expect(parseSnapshotName("tank/a@b")).toEqual({ dataset: datasetName("tank/a"), label: snapshotLabel("b") });
    for (const text of ["tank/a", "tank/a@", "@b", "tank/a@b@c", "tank/a@-r", "tank/a@b/c", "../a@b"]) {
      expect(() => parseSnapshotName(text)).toThrow();
    }
  });

  test("are refused when they are longer than ZFS allows, the label included", () => {
    const dataset = datasetName("a".repeat(250));
    expect(() => datasetName("a".repeat(256))).toThrow();
    expect<string>(snapshotName(dataset, snapshotLabel("b".repeat(4)))).toHaveLength(255);
    expect(() => snapshotName(dataset, snapshotLabel("b".repeat(5)))).toThrow("too long");
    expect(() => parseSnapshotName(`${dataset}@${"b".repeat(5)}`)).toThrow("too long");
  });
});
