import { expect, test } from "bun:test";
import { KleeneError } from "../../../src/errors.ts";
import { datasetName } from "../../../src/host/zfs/names.ts";
import { mountRootDataset } from "../../../src/platform/root-dataset-preparation.ts";

const NAMES = ["tank/k", "tank/k/image", "tank/k/image/a", "tank/k/image/b", "tank/k/container"];

/** Every dataset is unmounted; `broken` stays so. */
async function mountedWith(broken: string): Promise<string[]> {
  const properties = { mounted: "no", canmount: "on", mountpoint: "/somewhere" };
  const mounted: string[] = [];
  await mountRootDataset(
    {
      get: async () => ({ ...properties, mounted: "yes" }),
      list: async () => NAMES.map((name) => ({ name, properties })),
      mount: async (dataset) => {
        if (dataset === broken) throw new KleeneError("busy", `cannot mount dataset ${dataset}`);
        mounted.push(dataset);
      },
    },
    datasetName("tank/k"),
  );
  return mounted;
}

test("an image that cannot be mounted does not keep the daemon from the others", async () => {
  expect(await mountedWith("tank/k/image/a")).toEqual(NAMES.filter((name) => name !== "tank/k/image/a"));
});

test("without one of Kleene's own datasets nothing goes on", async () => {
  await expect(mountedWith("tank/k/image")).rejects.toThrow("cannot mount dataset tank/k/image");
});
