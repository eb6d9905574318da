import { describe, expect, test } from "bun:test";
import { CommandError, describeError, errorCode } from "../../../../src/errors.ts";
import type { Executor } from "../../../../src/host/exec.ts";
import { createZpool } from "../../../../src/host/zpool/create-zpool.ts";
import { poolName } from "../../../../src/host/zpool/names.ts";
import { parsePools, parseSize } from "../../../../src/host/zpool/parse.ts";
import { outputOf } from "../zfs/captured.ts";

function recorder(failure?: string, stdout = "") {
  const lines: string[] = [];
  const executor: Executor = {
    exec: async (argv) => {
      lines.push(argv.join(" "));
      if (failure !== undefined) throw new CommandError(argv, 1, failure);
      return { stdout, stderr: "" };
    },
    spawn: () => {
      throw new Error("nothing is to be spawned");
    },
  };
  return { lines, zpool: createZpool(executor, { pauses: [0], changeMounts: (_dataset, change) => change([]) }) };
}

const thrownBy = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error);
const tank = poolName("tank");

describe("parsePools", () => {
  test("reads zfs-fuse's rounded sizes in bytes", () => {
    expect(parsePools(outputOf("zfs-fuse", "zpool list -H"))).toEqual([
      { name: "tank", size: 294 * 1024 ** 2, free: 293 * 1024 ** 2, health: "ONLINE", altroot: undefined },
    ]);
  });

  test("reads several pools, a faulted one and an alternate root", () => {
    expect(parsePools("a\t7.94G\t1.5K\tONLINE\t/mnt\nb\t-\t-\tFAULTED\t-\n")).toEqual([
      { name: "a", size: 8_525_510_083, free: 1536, health: "ONLINE", altroot: "/mnt" },
      { name: "b", size: 0, free: 0, health: "FAULTED", altroot: undefined },
    ]);
  });

  test("knows what there is when there is no pool", () => {
    expect(parsePools("")).toEqual([]);
    expect(parsePools("no pools available\n")).toEqual([]);
  });

  test("refuses columns and sizes that it does not know", () => {
    expect(() => parsePools("tank\t1G\n")).toThrow("zpool list printed 2 columns, not 5");
    for (const size of ["", "1X", "G", "-1", "1,5G", "1.G"]) expect(() => parseSize(size)).toThrow("a size");
  });
});

describe("command lines", () => {
  test("of create have options before the name, and the vdevs last", async () => {
    const { lines, zpool } = recorder();
    await zpool.create(tank, ["/var/lib/pool.img"], {
      mountpoint: "/tank dir",
      properties: { atime: "off" },
      poolProperties: { cachefile: "none" },
    });
    await zpool.create(tank, ["/dev/sda", "/dev/sdb"], { mountpoint: "none" });
    await zpool.destroy(tank);
    await zpool.import(tank, { directory: "/var/lib" });
    await zpool.import(tank);
    await zpool.export(tank);
    expect(lines).toEqual([
      "zpool create -o cachefile=none -O atime=off -m /tank dir tank /var/lib/pool.img",
      "zpool create -m none tank /dev/sda /dev/sdb",
      "zpool destroy tank",
      "zpool import -d /var/lib tank",
      "zpool import tank",
      "zpool export tank",
    ]);
  });

  test("never hold what could be an option or a kind of vdev", async () => {
    const { lines, zpool } = recorder();
    for (const vdev of ["mirror", "-f", "pool.img", "/a\nb", ""]) {
      expect(errorCode(await thrownBy(zpool.create(tank, [vdev])))).toBe("invalid");
      expect(errorCode(await thrownBy(zpool.import(tank, { directory: vdev })))).toBe("invalid");
    }
    expect(errorCode(await thrownBy(zpool.create(tank, [])))).toBe("invalid");
    expect(errorCode(await thrownBy(zpool.create(tank, ["/a"], { mountpoint: "-f" })))).toBe("invalid");
    expect(lines).toEqual([]);
  });

  test.each(["", "-f", "1a", "a b", "a/b", "a@b", "mirror", "raidz2", "log1", "c0t0", "spare", "a".repeat(64)])(
    "%j is no pool's name",
    (name) => {
      expect(() => poolName(name)).toThrow("is not a pool's name");
    },
  );
});

describe("failures", () => {
  test("say the reason, not the notes that zpool(8) prints before it", async () => {
    const { zpool } = recorder(outputOf("zfs-fuse", "zpool create -m /scratch/mnt tank-other"));
    const error = await thrownBy(zpool.create(tank, ["/scratch/pool.img"]));
    expect(errorCode(error)).toBe("conflict");
    expect(describeError(error)).toBe("cannot create pool tank: /scratch/pool.img is part of active pool 'tank'");
  });

  test("of a ZFS that is not running say so", async () => {
    const { zpool } = recorder(outputOf("zfs-fuse", "zfs list (no zfs-fuse running)"));
    const error = await thrownBy(zpool.list());
    expect(errorCode(error)).toBe("unavailable");
    expect(describeError(error)).toContain("no ZFS is running");
  });

  test("of a busy pool are tried again", async () => {
    const { lines, zpool } = recorder(outputOf("zfs-fuse", "zpool destroy tank\numount"));
    expect(errorCode(await thrownBy(zpool.destroy(tank)))).toBe("busy");
    expect(lines).toEqual(["zpool destroy tank", "zpool destroy tank"]);
  });
});
