import { describe, expect, test } from "bun:test";
import { CommandError, type ErrorCode, errorCode, KleeneError } from "../../../../src/errors.ts";
import { isBusy, zfsError, zfsErrorCode } from "../../../../src/host/zfs/errors.ts";
import { captured, type Implementation, outputOf } from "./captured.ts";

const SAID: Readonly<Record<Implementation, readonly (readonly [string, ErrorCode])[]>> = {
  openzfs: [
    ["cannot destroy 'zroot/kleene/image/aaaaaaaaaaaa': filesystem has children", "in-use"],
    ["cannot destroy 'zroot/kleene/image/dddddddddddd': filesystem has dependent clones", "in-use"],
    ["cannot open 'zroot/kleene/nosuch': dataset does not exist", "not-found"],
    ["cannot open 'nosuch': no such pool", "not-found"],
    ["cannot resolve path '/tmp/nosuch.img'", "not-found"],
    ["cannot create 'zroot/kleene/container/cccccccccccc': dataset already exists", "conflict"],
    ["cannot create snapshot 'zroot/kleene/image/aaaaaaaaaaaa@image': dataset already exists", "conflict"],
    ["cannot rename 'zroot/kleene/image/dddddddddddd': dataset already exists", "conflict"],
    [
      "cannot promote 'zroot/kleene/image/dddddddddddd': conflicting snapshot 'image' from parent 'zroot/kleene/image/aaaaaaaaaaaa@image'",
      "conflict",
    ],
    ["cannot unmount '/zroot/kleene/container/cccccccccccc': pool or dataset is busy", "busy"],
    ["cannot receive new filesystem stream: invalid property value", "invalid"],
  ],
  "zfs-fuse": [
    ["cannot create 'tank/a': dataset already exists", "conflict"],
    ["cannot create 'tank/none/a': parent does not exist", "not-found"],
    ["cannot create 'tank/big': out of space", "no-space"],
    ["cannot set property for 'tank/a': size is greater than available space", "no-space"],
    ["cannot set property for 'tank/a': invalid property 'nosuch'", "invalid"],
    ["bad property list: invalid property 'nosuch'", "invalid"],
    ["cannot destroy 'tank/a@s': snapshot has dependent clones", "in-use"],
    ["cannot destroy 'tank/a': filesystem has dependent clones", "in-use"],
    ["cannot destroy 'tank/a': filesystem has children", "in-use"],
    ["cannot destroy 'tank/c': dataset is busy", "busy"],
    ["cannot rename 'tank/g': dataset is busy", "busy"],
    ["umount: /scratch/mnt/a: target is busy.", "busy"],
    ["cannot promote 'tank/a': not a cloned filesystem", "conflict"],
    ["cannot promote 'tank/e': conflicting snapshot 's' from parent 'tank/a@t'", "conflict"],
    ["cannot rollback to 'tank/a@s': more recent snapshots exist", "conflict"],
    ["cannot mount 'tank/hidden': no mountpoint set", "conflict"],
    ["cannot mount '/scratch/mnt/full': directory is not empty", "conflict"],
    ["WARNING: could not send tank/a@none: does not exist", "not-found"],
    ["cannot receive new filesystem stream: destination 'tank/c' exists", "conflict"],
    ["cannot receive new filesystem stream: out of space", "no-space"],
    ["cannot import 'tank-none': no such pool available", "not-found"],
    ["cannot import 'tank': a pool with that name is already created/imported,", "conflict"],
    ["/scratch/pool.img is part of active pool 'tank'", "conflict"],
    ["/scratch/pool.img is part of exported pool 'tank'", "conflict"],
    ["cannot create 'tank-other': one or more devices is less than the minimum size (64M)", "invalid"],
    ["cannot open '/scratch/none': No such file or directory", "not-found"],
  ],
};

for (const implementation of ["openzfs", "zfs-fuse"] as const) {
  describe(`what ${implementation} printed`, () => {
    test.each(SAID[implementation])("%s: %s", (line, code) => {
      expect(captured(implementation).split("\n")).toContain(line);
      expect(zfsErrorCode(`${line}\n`)).toBe(code);
    });
  });
}

describe("zfsErrorCode", () => {
  test("knows a ZFS that is not running from a file that is missing, and missing rights from both", () => {
    expect(zfsErrorCode(outputOf("zfs-fuse", "zfs list (no zfs-fuse running)"))).toBe("unavailable");
    expect(zfsErrorCode(outputOf("zfs-fuse", "setpriv --reuid 65534: zfs list"))).toBe("permission");
  });

  test("is not misled by the words of a usage text or of a name", () => {
    expect(zfsErrorCode("invalid option 'x'\nusage:\n\tsomething is busy, dataset does not exist\n")).toBe("invalid");
    expect(zfsErrorCode("cannot destroy 'tank/busy': dataset does not exist\n")).toBe("not-found");
    expect(zfsErrorCode("cannot unmount 'tank/busy': not currently mounted\n")).toBe("conflict");
  });

  test("takes what nobody has seen yet for a defect", () => {
    expect(zfsErrorCode("assertion failed: zap_cursor")).toBe("internal");
    expect(zfsErrorCode("")).toBe("internal");
  });
});

describe("zfsError", () => {
  const failure = (stderr: string, timedOut = false) => new CommandError(["zfs", "x"], 1, stderr, { timedOut });

  test("keeps the program's failure as its cause and other errors as they are", () => {
    const cause = failure("cannot open 'tank/a': dataset does not exist\n");
    const error = zfsError("cannot destroy tank/a", cause);
    expect(error).toBeInstanceOf(KleeneError);
    expect(error).toMatchObject({ code: "not-found", message: "cannot destroy tank/a", cause });
    const missing = new KleeneError("missing-tool", "the program zfs is not installed");
    expect(zfsError("cannot destroy tank/a", missing)).toBe(missing);
  });

  test("a program that ran out of time is unavailable, whatever it printed", () => {
    expect(errorCode(zfsError("x", failure("dataset is busy", true)))).toBe("unavailable");
  });

  test("only a busy dataset is worth another attempt", () => {
    expect(isBusy(zfsError("x", failure("cannot destroy 'tank/a': dataset is busy\n")))).toBe(true);
    expect(isBusy(zfsError("x", failure("cannot open 'tank/a': dataset does not exist\n")))).toBe(false);
    expect(isBusy(new Error("dataset is busy"))).toBe(false);
  });
});
