import { describe, expect, test } from "bun:test";
import { parseList, parseProperties } from "../../../../src/host/zfs/parse.ts";
import { outputOf } from "./captured.ts";

describe("parseProperties", () => {
  test("reads OpenZFS's values, whatever their source", () => {
    expect(parseProperties(outputOf("openzfs", "zfs get -Hp"))).toEqual({
      "kleene:kind": "container",
      origin: "zroot/kleene/image/aaaaaaaaaaaa@image",
      mountpoint: "/zroot/kleene/container/cccccccccccc",
      used: "0",
      referenced: "30985728",
      mounted: "yes",
    });
  });

  test("reads zfs-fuse's values and leaves out what is not set", () => {
    const properties = parseProperties(outputOf("zfs-fuse", "zfs get -Hp -o property,value,source kleene:kind,"));
    expect(properties).toEqual({
      "kleene:kind": "container",
      origin: "tank/a@s",
      used: "0",
      mountpoint: "/scratch/mnt/c",
      mounted: "yes",
    });
  });

  test("keeps a value that is empty, or a dash that somebody set", () => {
    expect(parseProperties("k:a\t\tlocal\nk:b\t-\tlocal\nk:c\t-\t-\n")).toEqual({ "k:a": "", "k:b": "-" });
  });

  test("refuses a row with too few or too many columns", () => {
    expect(() => parseProperties("k:a\tvalue\n")).toThrow("zfs get printed 2 columns, not 3");
    expect(() => parseProperties("k:a\tva\tlue\tlocal\n")).toThrow("zfs get printed 4 columns, not 3");
    expect(() => parseProperties("k:a\tx\tlocal\n\n")).toThrow("1 columns");
  });
});

describe("parseList", () => {
  test("reads names and the properties that are set, on both", () => {
    const fuse = outputOf("zfs-fuse", "zfs list -H -r -t filesystem,snapshot");
    expect(parseList(fuse, ["origin", "mountpoint", "kleene:kind", "kleene:key"])).toEqual([
      { name: "tank", properties: { mountpoint: "/scratch/mnt" } },
      { name: "tank/a", properties: { mountpoint: "/scratch/mnt/a" } },
      { name: "tank/a@s", properties: {} },
      { name: "tank/a@t", properties: { "kleene:key": "k" } },
      {
        name: "tank/c",
        properties: { origin: "tank/a@s", mountpoint: "/scratch/mnt/c", "kleene:kind": "container" },
      },
    ]);
    const open = parseList(outputOf("openzfs", "zfs list -Hp"), ["used", "refer", "origin", "clones", "mountpoint"]);
    expect(open.length).toBe(8);
    expect(open[6]).toEqual({
      name: "zroot/kleene/image/aaaaaaaaaaaa@image",
      properties: { used: "0", refer: "30985728", clones: "zroot/kleene/container/cccccccccccc" },
    });
  });

  test("reads names alone, and nothing", () => {
    expect(parseList("tank\ntank/a\n", [])).toEqual([
      { name: "tank", properties: {} },
      { name: "tank/a", properties: {} },
    ]);
    expect(parseList("", ["used"])).toEqual([]);
  });

  test("refuses a wrong number of columns", () => {
    expect(() => parseList("tank\t1\t2\n", ["used"])).toThrow("zfs list printed 3 columns, not 2");
    expect(() => parseList("no datasets available\n", ["used"])).toThrow("1 columns");
  });
});
