import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv, Executor } from "../../../../src/host/exec.ts";
import { startZfsFuse } from "../../../../src/host/zfs-fuse/zfs-fuse.ts";

let directory: string;
let pidFile: string;
let mounts: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-zfs-fuse-"));
  pidFile = join(directory, "zfs-fuse.pid");
  mounts = join(directory, "mounts");
  writeFileSync(mounts, "");
});

afterEach(() => rmSync(directory, { recursive: true }));

function recorder(status: number): { executor: Executor; started: Argv[] } {
  const started: Argv[] = [];
  const executor: Executor = {
    exec: async (argv) => {
      started.push(argv);
      return { stdout: "", stderr: "" };
    },
    spawn: (argv) => {
      started.push(argv);
      return { pid: 1, exited: Promise.resolve(status), stdout: undefined, stderr: undefined, kill: () => {} };
    },
  };
  return { executor, started };
}

test("where systemd runs, its service is started", async () => {
  const { executor, started } = recorder(0);
  await startZfsFuse(executor, async () => true, { systemd: true, pidFile, mounts });
  expect(started[0]).toEqual(["systemctl", "start", "zfs-fuse.service"]);
});

test("elsewhere the daemon is started itself, and waited for until it answers", async () => {
  const { executor, started } = recorder(0);
  const answers = [false, false, true];
  await startZfsFuse(executor, async () => answers.shift() ?? true, { systemd: false, pidFile, mounts });
  expect(started[0]).toEqual(["zfs-fuse", "--pidfile", pidFile, "--no-kstat-mount"]);
  expect(answers).toEqual([]);
});

test("a daemon that fails or never answers is reported", async () => {
  const never = async () => false;
  expect(startZfsFuse(recorder(3).executor, never, { systemd: false, pidFile, mounts })).rejects.toThrow(
    "zfs-fuse exited with 3",
  );
  expect(startZfsFuse(recorder(0).executor, never, { systemd: true, patience: 0, pidFile, mounts })).rejects.toThrow(
    "does not answer",
  );
});

test("a pid file left by a daemon that was killed does not stop the next one", async () => {
  writeFileSync(pidFile, "4194999\n");
  await startZfsFuse(recorder(0).executor, async () => true, { systemd: false, pidFile, mounts });
  expect(existsSync(pidFile)).toBe(false);
});

test("file systems that a killed daemon has left mounted are unmounted, the last first, and no others", async () => {
  writeFileSync(
    mounts,
    [
      "/dev/vda / ext4 rw 0 0",
      "p /p fuse.zfs rw 0 0",
      "p/a /p/a\\040b fuse.zfs rw 0 0",
      "x /x fuse.other rw 0 0",
      "",
    ].join("\n"),
  );
  const { executor, started } = recorder(0);
  await startZfsFuse(executor, async () => true, { systemd: false, pidFile, mounts });
  expect(started.slice(0, 2)).toEqual([
    ["umount", "-l", "/p/a b"],
    ["umount", "-l", "/p"],
  ]);
  expect(started[2]?.[0]).toBe("zfs-fuse");
});
