import { describe, expect, test } from "bun:test";
import { CommandError, errorCode } from "../../../../src/errors.ts";
import type { ExecOptions, Executor } from "../../../../src/host/exec.ts";
import { createZfs } from "../../../../src/host/zfs/create-zfs.ts";
import { datasetName, snapshotLabel, snapshotName } from "../../../../src/host/zfs/names.ts";

const a = datasetName("tank", "a");
const b = datasetName("tank", "b");
const snapshot = snapshotName(a, snapshotLabel("s"));

type Answer = string | { stderr: string };

/** Notes each command line; `answers` holds what commands print that begin so, one after the other. */
function recorder(answers: Record<string, Answer[]> = {}) {
  const lines: string[] = [];
  const options: (ExecOptions | undefined)[] = [];
  const executor: Executor = {
    exec: async (argv, given) => {
      const line = argv.join(" ");
      lines.push(line);
      options.push(given);
      const key = Object.keys(answers).find((begin) => line.startsWith(begin) && answers[begin]?.length);
      const answer = key === undefined ? "" : (answers[key]?.shift() ?? "");
      if (typeof answer !== "string") throw new CommandError(argv, 1, answer.stderr);
      return { stdout: answer, stderr: "" };
    },
    spawn: () => {
      throw new Error("nothing is to be spawned");
    },
  };
  return {
    lines,
    options,
    zfs: createZfs(executor, { pauses: [0, 0], changeMounts: (_dataset, change) => change([]) }),
  };
}

const BUSY = { stderr: "cannot destroy 'tank/a': dataset is busy\n" };

describe("command lines", () => {
  test("are the same on every ZFS, values are arguments of their own", async () => {
    const { lines, zfs } = recorder({ "zfs list -H -o name": [{ stderr: "dataset does not exist" }] });
    await zfs.create(a, { properties: { "kleene:config": '{"a": "$(x)"}' }, parents: true });
    await zfs.snapshot(snapshot, {});
    await zfs.clone(snapshot, b, { "kleene:id": "1", atime: "off" });
    await zfs.promote(b);
    await zfs.rollback(snapshot);
    await zfs.set(a, { quota: "1G", "kleene:x": "" });
    expect(lines).toEqual([
      "zfs list -H -o name tank/a",
      'zfs create -p -o kleene:config={"a": "$(x)"} tank/a',
      "zfs snapshot tank/a@s",
      "zfs clone -o kleene:id=1 -o atime=off tank/a@s tank/b",
      "zfs promote tank/b",
      "zfs rollback tank/a@s",
      "zfs set quota=1G tank/a",
      "zfs set kleene:x= tank/a",
    ]);
  });

  test("of questions ask for machine output", async () => {
    const { lines, zfs } = recorder({ "zfs list": ["tank/a\n"] });
    await zfs.exists(snapshot);
    await zfs.get(a, ["used", "kleene:id"]);
    await zfs.list(a, { types: ["filesystem", "snapshot"], properties: ["origin"], depth: 1 });
    expect(lines).toEqual([
      "zfs list -H -o name tank/a@s",
      "zfs get -Hp -o property,value,source used,kleene:id tank/a",
      "zfs list -H -d 1 -t filesystem,snapshot -o name,origin tank/a",
    ]);
  });

  test("that free many blocks have a longer limit than the others", async () => {
    const { options, zfs } = recorder();
    await zfs.destroy(a);
    await zfs.promote(a);
    expect(options.map((given) => given?.timeout)).toEqual([900_000, 900_000]);
  });
});

describe("destroy", () => {
  test("tries again at once, as zfs-fuse needs it", async () => {
    const { lines, zfs } = recorder({ "zfs destroy": [BUSY] });
    await zfs.destroy(a);
    expect(lines).toEqual(["zfs destroy tank/a", "zfs destroy tank/a"]);
  });

  test("mounts again what a destroy in vain has unmounted", async () => {
    const { lines, zfs } = recorder({ "zfs destroy": [BUSY, BUSY, BUSY] });
    expect(errorCode(await zfs.destroy(a).catch((error) => error))).toBe("busy");
    expect(lines).toEqual(["zfs destroy tank/a", "zfs destroy tank/a", "zfs destroy tank/a", "zfs mount tank/a"]);
  });

  test("of a tree unmounts first, so that no snapshot is lost when a dataset is in use", async () => {
    const { lines, zfs } = recorder({
      "zfs list": ["tank/a\tyes\ntank/a/b\tno\ntank/a/c\tyes\n"],
      "zfs unmount tank/a": ["", BUSY, BUSY, BUSY],
    });
    expect(errorCode(await zfs.destroy(a, { recursive: true }).catch((error) => error))).toBe("busy");
    expect(lines.slice(1)).toEqual([
      "zfs unmount tank/a/c",
      "zfs unmount tank/a",
      "zfs unmount tank/a",
      "zfs unmount tank/a",
      "zfs mount tank/a/c",
    ]);
  });
});

describe("rename", () => {
  test("is one process where ZFS can rename what is mounted", async () => {
    const { lines, zfs } = recorder();
    await zfs.rename(a, b);
    expect(lines).toEqual(["zfs rename tank/a tank/b"]);
  });

  test("unmounts the tree where it cannot, and mounts it under its new name", async () => {
    const { lines, zfs } = recorder({
      "zfs rename": [BUSY, BUSY],
      "zfs list": ["tank/a\tyes\ntank/a/b\tyes\n"],
    });
    await zfs.rename(a, b);
    expect(lines).toEqual([
      "zfs rename tank/a tank/b",
      "zfs list -H -r -t filesystem -o name,mounted tank/a",
      "zfs unmount tank/a/b",
      "zfs unmount tank/a",
      "zfs rename tank/a tank/b",
      "zfs rename tank/a tank/b",
      "zfs mount tank/b",
      "zfs mount tank/b/b",
    ]);
  });
});

describe("clone", () => {
  test("that cannot be mounted is destroyed again", async () => {
    const stderr = "cannot mount '/x': directory is not empty\nfilesystem successfully created, but not mounted\n";
    const { lines, zfs } = recorder({ "zfs clone": [{ stderr }] });
    expect(errorCode(await zfs.clone(snapshot, b).catch((error) => error))).toBe("conflict");
    expect(lines).toEqual(["zfs clone tank/a@s tank/b", "zfs destroy tank/b"]);
  });
});
