import { expect, test } from "bun:test";
import { JailCgroups, parseCgroupMounts } from "../../../../src/platform/linux/jail-cgroups.ts";

const HYBRID = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
36 31 0:33 / /sys/fs/cgroup/devices rw,relatime shared:9 - cgroup cgroup rw,devices
37 31 0:34 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
42 31 0:38 /some/group /elsewhere rw,relatime - cgroup2 cgroup2 rw
`;
const UNIFIED = `30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
`;

test("finds the hierarchies that are seen from their roots", () => {
  expect(parseCgroupMounts(HYBRID).map(({ path, type }) => [path, type])).toEqual([
    ["/sys/fs/cgroup/devices", "cgroup"],
    ["/sys/fs/cgroup/pids", "cgroup"],
    ["/sys/fs/cgroup/unified", "cgroup2"],
  ]);
});

test("tells the unified hierarchy from the older ones and from none", () => {
  expect(new JailCgroups(UNIFIED).unified).toBe(true);
  expect(new JailCgroups(HYBRID).unified).toBe(false);
  expect(new JailCgroups("").unified).toBe(false);
});

test("a group that is not there has no processes, and removing it does nothing", async () => {
  const cgroups = new JailCgroups(HYBRID);
  expect(await cgroups.processes("kltest-nosuch")).toEqual([]);
  await cgroups.remove("kltest-nosuch");
});
