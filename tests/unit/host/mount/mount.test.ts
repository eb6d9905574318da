import { describe, expect, test } from "bun:test";
import { listMounts, unmount } from "../../../../src/host/mount/mount.ts";
import { mountsBelow, parseMounts } from "../../../../src/host/mount/parse.ts";
import { fixture } from "../../../fixture.ts";
import { RecordingExecutor } from "../../../recording-executor.ts";

const root = "/zroot/kleene/container/cccccccccccc";

describe("mount(8)", () => {
  test("tells what is mounted below a jail's root, the last first, and not the root itself", async () => {
    const executor = new RecordingExecutor().on(["/sbin/mount"], { stdout: fixture("mount", "jail") });
    const mounts = await listMounts(executor);
    expect(mounts[0]).toEqual({ device: "/dev/gpt/rootfs", mountpoint: "/", type: "ufs" });
    expect(mountsBelow(mounts, root)).toEqual([
      { device: "devfs", mountpoint: `${root}/dev`, type: "devfs" },
      { device: "/tmp/share", mountpoint: `${root}/mnt/s`, type: "nullfs" },
    ]);
    expect(mountsBelow(mounts, "/zroot/kleene/container/cccc")).toEqual([]);
    expect(executor.lines).toEqual(["/sbin/mount -p --libxo json"]);
  });

  test("is undone by umount(8)", async () => {
    const executor = new RecordingExecutor().on(["/sbin/umount"], {});
    await unmount(executor, "/a b");
    await unmount(executor, "/a b", true);
    expect(executor.calls.map(({ argv }) => argv)).toEqual([
      ["/sbin/umount", "/a b"],
      ["/sbin/umount", "-f", "/a b"],
    ]);
  });

  test.each(["", "{}", '{"mount": {"fstab": [{"device": "x"}]}}'])("is refused for %j", (text) => {
    expect(() => parseMounts(text)).toThrow("mount wrote something unexpected");
  });
});
