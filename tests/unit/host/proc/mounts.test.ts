import { expect, test } from "bun:test";
import { parseMounts } from "../../../../src/host/proc/mounts.ts";

test("mounts are read in their order, with escaped spaces", () => {
  const text = "/dev/vda / ext4 rw 0 0\nproc /a\\040b/proc proc rw 0 0\n";
  expect(parseMounts(text)).toEqual([
    { source: "/dev/vda", mountpoint: "/", type: "ext4" },
    { source: "proc", mountpoint: "/a b/proc", type: "proc" },
  ]);
});

test("a line of another form is refused", () => {
  expect(() => parseMounts("nonsense\n")).toThrow("is not a line of /proc/self/mounts");
});
