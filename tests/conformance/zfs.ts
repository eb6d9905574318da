import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { type Executor, executor } from "../../src/host/exec.ts";
import { type DatasetName, datasetName, snapshotLabel, snapshotName } from "../../src/host/zfs/names.ts";
import type { Zfs } from "../../src/host/zfs/zfs.ts";
import { createScratchPool, type ScratchPool } from "../scratch-pool.ts";

const POOL_SIZE = 512 * 1024 ** 2;

/** What every implementation of `Zfs` does, on a pool of its own. Tests that wait for "busy" give up soon. */
export function describeZfs(name: string, createZfs: (executor: Executor, options?: { pauses?: number[] }) => Zfs) {
  describe(name, () => {
    let pool: ScratchPool;
    let zfs: Zfs;
    let counter = 0;
    let started: string[][] = [];

    const recording: Executor = {
      exec: (argv, options) => {
        started.push([...argv]);
        return executor.exec(argv, options);
      },
      spawn: (argv, options) => {
        started.push([...argv]);
        return executor.spawn(argv, options);
      },
    };

    beforeAll(async () => {
      pool = await createScratchPool({ size: POOL_SIZE });
      zfs = createZfs(recording);
    });
    afterAll(async () => {
      await pool?.[Symbol.asyncDispose]();
    });

    const unused = () => datasetName(pool.name, `d${++counter}`);
    const at = (dataset: DatasetName, label: string) => snapshotName(dataset, snapshotLabel(label));
    const path = (dataset: DatasetName, file = "") => join(pool.mountpoint, dataset.slice(pool.name.length + 1), file);

    async function created(properties = {}): Promise<DatasetName> {
      const dataset = unused();
      await zfs.create(dataset, { properties });
      return dataset;
    }

    /** The code that a promise is rejected with; a test fails where it is not. */
    async function code(promise: Promise<unknown>): Promise<string> {
      try {
        await promise;
      } catch (error) {
        return errorCode(error);
      }
      return "no error";
    }

    const mounted = async (dataset: DatasetName) => (await zfs.get(dataset, ["mounted"]))?.mounted;

    describe("create", () => {
      test("makes a dataset that is mounted below its parent's mountpoint, with its properties", async () => {
        const dataset = await created({ "kleene:id": "x=1, {y}", atime: "off" });
        await writeFile(path(dataset, "file"), "here");
        expect(await zfs.get(dataset, ["mountpoint", "atime", "kleene:id"])).toEqual({
          mountpoint: path(dataset),
          atime: "off",
          "kleene:id": "x=1, {y}",
        });
      });

      test("makes missing parents only when asked to", async () => {
        const child = datasetName(unused(), "a", "b");
        expect(await code(zfs.create(child))).toBe("not-found");
        await zfs.create(child, { parents: true });
        expect(await zfs.exists(child)).toBe(true);
        expect(await code(zfs.create(child, { parents: true }))).toBe("conflict");
      });

      test("takes an empty property map and refuses a dataset that exists", async () => {
        const dataset = await created({});
        expect(await code(zfs.create(dataset))).toBe("conflict");
      });

      test("refuses a reservation larger than the pool", async () => {
        const dataset = unused();
        expect(await code(zfs.create(dataset, { properties: { reservation: "100G" } }))).toBe("no-space");
        expect(await zfs.exists(dataset)).toBe(false);
        expect(await code(zfs.set(await created(), { reservation: "100G" }))).toBe("no-space");
      });

      test("leaves no dataset behind when it cannot be mounted", async () => {
        const dataset = unused();
        await mkdir(path(dataset));
        await writeFile(path(dataset, "in the way"), "");
        expect(await code(zfs.create(dataset))).toBe("conflict");
        expect(await zfs.exists(dataset)).toBe(false);
        expect(existsSync(path(dataset, "in the way"))).toBe(true);
      });
    });

    describe("snapshot, clone, promote, rollback", () => {
      test("a snapshot keeps what was there, with properties of its own, and takes one process", async () => {
        const dataset = await created();
        started = [];
        await zfs.snapshot(at(dataset, "s"), { "kleene:key": "k" });
        expect(started.length).toBe(1);
        expect(await zfs.get(at(dataset, "s"), ["kleene:key"])).toEqual({ "kleene:key": "k" });
        expect(await zfs.get(dataset, ["kleene:key"])).toEqual({});
        expect(await code(zfs.snapshot(at(dataset, "s")))).toBe("conflict");
        expect(await code(zfs.snapshot(at(unused(), "s")))).toBe("not-found");
      });

      test("a clone has the snapshot's content, is mounted and independent, and takes one process", async () => {
        const dataset = await created();
        await writeFile(path(dataset, "file"), "old");
        await zfs.snapshot(at(dataset, "s"));
        const clone = unused();
        started = [];
        await zfs.clone(at(dataset, "s"), clone, { "kleene:kind": "container" });
        expect(started.length).toBe(1);
        await writeFile(path(clone, "file"), "new");
        expect(await readFile(path(dataset, "file"), "utf8")).toBe("old");
        expect(await zfs.get(clone, ["origin", "kleene:kind"])).toEqual({
          origin: at(dataset, "s"),
          "kleene:kind": "container",
        });
        expect(await code(zfs.clone(at(dataset, "s"), clone))).toBe("conflict");
        expect(await code(zfs.clone(at(dataset, "none"), unused()))).toBe("not-found");
      });

      test("promote hands the snapshot over, so that the first dataset can go", async () => {
        const dataset = await created();
        await writeFile(path(dataset, "file"), "kept");
        await zfs.snapshot(at(dataset, "s"));
        const clone = unused();
        await zfs.clone(at(dataset, "s"), clone);
        await zfs.promote(clone);
        expect(await zfs.exists(at(clone, "s"))).toBe(true);
        await zfs.destroy(dataset);
        expect(await readFile(path(clone, "file"), "utf8")).toBe("kept");
      });

      test("promote refuses a dataset that is no clone, and snapshots of the same name", async () => {
        const dataset = await created();
        expect(await code(zfs.promote(dataset))).toBe("conflict");
        expect(await code(zfs.promote(unused()))).toBe("not-found");
        await zfs.snapshot(at(dataset, "same"));
        const clone = unused();
        await zfs.clone(at(dataset, "same"), clone);
        await zfs.snapshot(at(clone, "same"));
        expect(await code(zfs.promote(clone))).toBe("conflict");
      });

      test("rollback brings the snapshot's content back, and refuses to lose newer snapshots", async () => {
        const dataset = await created();
        await writeFile(path(dataset, "file"), "one");
        await zfs.snapshot(at(dataset, "one"));
        await writeFile(path(dataset, "file"), "two");
        await zfs.rollback(at(dataset, "one"));
        expect(await readFile(path(dataset, "file"), "utf8")).toBe("one");
        await zfs.snapshot(at(dataset, "two"));
        expect(await code(zfs.rollback(at(dataset, "one")))).toBe("conflict");
        expect(await code(zfs.rollback(at(dataset, "none")))).toBe("not-found");
      });
    });

    describe("destroy", () => {
      test("removes a mounted dataset and its mountpoint's content", async () => {
        const dataset = await created();
        await writeFile(path(dataset, "file"), "");
        await zfs.destroy(dataset);
        expect(await zfs.exists(dataset)).toBe(false);
        expect(existsSync(path(dataset, "file"))).toBe(false);
        expect(await code(zfs.destroy(dataset))).toBe("not-found");
        expect(await code(zfs.destroy(dataset, { recursive: true }))).toBe("not-found");
      });

      test("removes a snapshot", async () => {
        const dataset = await created();
        await zfs.snapshot(at(dataset, "s"));
        await zfs.destroy(at(dataset, "s"));
        expect(await zfs.exists(at(dataset, "s"))).toBe(false);
        expect(await zfs.exists(dataset)).toBe(true);
        expect(await code(zfs.destroy(at(dataset, "s")))).toBe("not-found");
      });

      test("needs `recursive` for what has snapshots or children, and then takes a whole mounted tree", async () => {
        const dataset = await created();
        for (let i = 0; i < 20; i += 1) await zfs.create(datasetName(dataset, `c${i}`));
        await zfs.snapshot(at(dataset, "s"));
        expect(await code(zfs.destroy(dataset))).toBe("in-use");
        expect(await mounted(dataset)).toBe("yes");
        await zfs.destroy(dataset, { recursive: true });
        expect(await zfs.exists(dataset)).toBe(false);
      });

      test("never takes a clone along", async () => {
        const dataset = await created();
        await writeFile(path(dataset, "file"), "kept");
        await zfs.snapshot(at(dataset, "s"));
        const clone = unused();
        await zfs.clone(at(dataset, "s"), clone);
        expect(await code(zfs.destroy(at(dataset, "s")))).toBe("in-use");
        expect(await code(zfs.destroy(dataset, { recursive: true }))).toBe("in-use");
        expect(await readFile(path(dataset, "file"), "utf8")).toBe("kept");
        expect(await readFile(path(clone, "file"), "utf8")).toBe("kept");
      });

      test("is busy while a file inside is open, changes nothing, and succeeds once it is closed", async () => {
        const impatient = createZfs(executor, { pauses: [0, 5] });
        for (const recursive of [false, true]) {
          const dataset = await created();
          const sibling = datasetName(dataset, "sibling");
          if (recursive) {
            await zfs.create(sibling);
            await zfs.snapshot(at(dataset, "s"));
          }
          await writeFile(path(dataset, "file"), "kept");
          const open = openSync(path(dataset, "file"), "r");
          expect(await code(impatient.destroy(dataset, { recursive }))).toBe("busy");
          expect(await readFile(path(dataset, "file"), "utf8")).toBe("kept");
          if (recursive) {
            expect(await zfs.exists(at(dataset, "s"))).toBe(true);
            expect(await mounted(sibling)).toBe("yes");
          }
          closeSync(open);
          await zfs.destroy(dataset, { recursive });
          expect(await zfs.exists(dataset)).toBe(false);
        }
      });

      test("waits for what is busy only for a moment", async () => {
        const dataset = await created();
        const open = openSync(path(dataset, "file"), "w");
        const destroyed = zfs.destroy(dataset);
        await Bun.sleep(100);
        closeSync(open);
        await destroyed;
        expect(await zfs.exists(dataset)).toBe(false);
      });
    });

    describe("rename, mount, unmount", () => {
      test("renames a mounted dataset with its children and snapshots, and mounts it in its new place", async () => {
        const dataset = await created({ "kleene:id": "7" });
        await zfs.create(datasetName(dataset, "child"));
        await writeFile(path(dataset, "file"), "moved");
        await zfs.snapshot(at(dataset, "s"));
        const renamed = unused();
        await zfs.rename(dataset, renamed);
        expect(await readFile(path(renamed, "file"), "utf8")).toBe("moved");
        expect(await mounted(datasetName(renamed, "child"))).toBe("yes");
        expect(await zfs.exists(at(renamed, "s"))).toBe(true);
        expect(await zfs.exists(dataset)).toBe(false);
      });

      test("refuses a name that is taken, and one that is not there, and leaves all mounted", async () => {
        const dataset = await created();
        const taken = await created();
        expect(await code(zfs.rename(dataset, taken))).toBe("conflict");
        expect(await code(zfs.rename(unused(), unused()))).toBe("not-found");
        expect(await mounted(dataset)).toBe("yes");
      });

      test("is busy while a file inside is open, and the dataset stays where it was", async () => {
        const dataset = await created();
        const open = openSync(path(dataset, "file"), "w");
        const impatient = createZfs(executor, { pauses: [0, 5] });
        expect(await code(impatient.rename(dataset, unused()))).toBe("busy");
        expect(await code(impatient.unmount(dataset))).toBe("busy");
        expect(await mounted(dataset)).toBe("yes");
        closeSync(open);
      });

      test("mount and unmount may be repeated", async () => {
        const dataset = await created();
        await zfs.mount(dataset);
        await zfs.unmount(dataset);
        await zfs.unmount(dataset);
        expect(await mounted(dataset)).toBe("no");
        await zfs.mount(dataset);
        expect(await mounted(dataset)).toBe("yes");
        expect(await code(zfs.mount(unused()))).toBe("not-found");
      });

      test("a dataset without a mountpoint cannot be mounted", async () => {
        expect(await code(zfs.mount(await created({ mountpoint: "none" })))).toBe("conflict");
      });
    });

    describe("get, set, list, exists", () => {
      test("reads exact numbers, leaves out what is not set, and keeps an empty value", async () => {
        const dataset = await created({ "kleene:empty": "" });
        const properties = await zfs.get(dataset, ["used", "origin", "kleene:none", "kleene:empty"]);
        expect(properties).toEqual({ used: expect.stringMatching(/^[0-9]+$/), "kleene:empty": "" });
        expect(await zfs.get(dataset, [])).toEqual({});
      });

      test("what is not there has no properties and does not exist", async () => {
        expect(await zfs.get(unused(), ["used"])).toBeUndefined();
        expect(await zfs.get(unused(), [])).toBeUndefined();
        expect(await zfs.get(at(await created(), "s"), ["used"])).toBeUndefined();
        expect(await zfs.exists(unused())).toBe(false);
        expect(await zfs.exists(at(unused(), "s"))).toBe(false);
      });

      test("sets several properties, among them JSON, and none", async () => {
        const dataset = await created();
        const config = JSON.stringify({ env: ["A=1, 2", "tab\t"], cmd: ["sh", "-c", "echo é"] });
        await zfs.set(dataset, { "kleene:config": config, quota: "10485760" });
        await zfs.set(dataset, {});
        expect(await zfs.get(dataset, ["kleene:config", "quota"])).toEqual({
          "kleene:config": config,
          quota: "10485760",
        });
        expect(await code(zfs.set(dataset, { nosuch: "1" }))).toBe("invalid");
        expect(await code(zfs.set(unused(), { "kleene:x": "1" }))).toBe("not-found");
        expect(await code(zfs.get(dataset, ["nosuch"]))).toBe("invalid");
      });

      test("lists a tree with the asked-for properties, as deep and of such types as asked for", async () => {
        const top = await created({ "kleene:kind": "root" });
        const child = datasetName(top, "child");
        await zfs.create(child, { properties: { "kleene:kind": "image" } });
        await zfs.create(datasetName(child, "grandchild"));
        await zfs.snapshot(at(child, "s"), { "kleene:key": "k" });
        expect(await zfs.list(top, { properties: ["kleene:kind", "kleene:key"] })).toEqual([
          { name: top, properties: { "kleene:kind": "root" } },
          { name: child, properties: { "kleene:kind": "image" } },
          { name: datasetName(child, "grandchild"), properties: { "kleene:kind": "image" } },
        ]);
        const names = async (options?: Parameters<Zfs["list"]>[1]) =>
          (await zfs.list(top, options)).map((listed) => listed.name);
        expect(await names({ depth: 0 })).toEqual([top]);
        expect(await names({ depth: 1 })).toEqual([top, child]);
        expect(await names({ types: ["snapshot"] })).toEqual([at(child, "s")]);
        expect(await names({ types: ["filesystem", "snapshot"], depth: 2 })).toContain(at(child, "s"));
        expect(await code(zfs.list(unused()))).toBe("not-found");
      });
    });

    describe("copy", () => {
      test("makes an independent, mounted dataset with the snapshot and its content", async () => {
        const dataset = await created({ "kleene:id": "mine" });
        const content = crypto.getRandomValues(new Uint8Array(65_536));
        for (let i = 0; i < 64; i += 1) await writeFile(path(dataset, `f${i}`), content);
        await zfs.snapshot(at(dataset, "s"));
        const copied = unused();
        await zfs.copy(at(dataset, "s"), copied);
        expect(Buffer.compare(await readFile(path(copied, "f63")), content)).toBe(0);
        expect(await zfs.get(copied, ["origin", "kleene:id", "mounted"])).toEqual({ mounted: "yes" });
        await zfs.destroy(at(copied, "s"));
        await zfs.destroy(dataset, { recursive: true });
        expect(Buffer.compare(await readFile(path(copied, "f0")), content)).toBe(0);
      });

      test("says which end failed, and leaves nothing", async () => {
        const dataset = await created();
        await zfs.snapshot(at(dataset, "s"));
        const target = unused();
        expect(await code(zfs.copy(at(dataset, "none"), target))).toBe("not-found");
        expect(await zfs.exists(target)).toBe(false);
        expect(await code(zfs.copy(at(dataset, "s"), datasetName(unused(), "below")))).toBe("not-found");
        expect(await code(zfs.copy(at(dataset, "s"), dataset))).toBe("conflict");
        expect(await zfs.exists(dataset)).toBe(true);
      });

      test("fails with `no-space` where the stream does not fit, and leaves nothing", async () => {
        const dataset = await created();
        await writeFile(path(dataset, "f"), crypto.getRandomValues(new Uint8Array(65_536)).toHex().repeat(160));
        await zfs.set(dataset, { compression: "off" });
        await writeFile(path(dataset, "g"), crypto.getRandomValues(new Uint8Array(65_536)).toHex().repeat(160));
        await zfs.snapshot(at(dataset, "s"));
        const small = await created({ quota: "4194304" });
        const target = datasetName(small, "copy");
        expect(await code(zfs.copy(at(dataset, "s"), target))).toBe("no-space");
        expect(await zfs.exists(target)).toBe(false);
      });

      test("ends when it is canceled, and leaves nothing", async () => {
        const dataset = await created({ compression: "off" });
        await writeFile(path(dataset, "f"), Buffer.alloc(64 * 1024 ** 2, "x"));
        await zfs.snapshot(at(dataset, "s"));
        const target = unused();
        const canceled = new AbortController();
        // As soon as the last of the programs has been started: there is much left to transfer.
        const cancels = createZfs({
          exec: executor.exec,
          spawn: (argv, options) => {
            if (argv[1] === "send") queueMicrotask(() => canceled.abort());
            return executor.spawn(argv, options);
          },
        });
        expect(await code(cancels.copy(at(dataset, "s"), target, canceled.signal))).toBe("canceled");
        expect(await zfs.exists(target)).toBe(false);
        expect(await code(zfs.copy(at(dataset, "s"), target, canceled.signal))).toBe("canceled");
        expect(await zfs.exists(target)).toBe(false);
      });
    });

    test("hostile names are refused before any program starts", async () => {
      const dataset = await created();
      started = [];
      const hostile = ["../..", "-R", "a b", "a@b", "a;b", "$(x)", "a\nb", "", "a//b", "/a", "é"];
      for (const name of hostile) expect(() => datasetName(pool.name, name)).toThrow(/is not a dataset's name/);
      for (const label of ["-r", "a/b", "a@b", "a,b", "a%b", ""]) expect(() => at(dataset, label)).toThrow();
      for (const property of ["a=b", "-r", "a,b", "a b", ""]) {
        expect(await code(zfs.set(dataset, { [property]: "x" }))).toBe("invalid");
        expect(await code(zfs.create(unused(), { properties: { [property]: "x" } }))).toBe("invalid");
        expect(await code(zfs.snapshot(at(dataset, "s"), { [property]: "x" }))).toBe("invalid");
        expect(await code(zfs.get(dataset, [property]))).toBe("invalid");
        expect(await code(zfs.list(dataset, { properties: [property] }))).toBe("invalid");
      }
      for (const value of ["a\tb", "a\nb", "a\0b", "x".repeat(9000)]) {
        expect(await code(zfs.set(dataset, { "kleene:x": value }))).toBe("invalid");
      }
      expect(started).toEqual([]);
    });
  });
}
