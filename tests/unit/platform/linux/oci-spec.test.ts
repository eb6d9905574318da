import { describe, expect, test } from "bun:test";
import { linuxJailSettings } from "../../../../src/platform/linux/jail-parameters.ts";
import { type OciJail, ociSpec } from "../../../../src/platform/linux/oci-spec.ts";
import { type Jail, jailName, type Process } from "../../../../src/platform/runtime.ts";

const jail: Jail = {
  name: jailName("0123456789ab"),
  root: "/pool/kleene/container/0123456789ab",
  hostname: "0123456789ab",
  networkDriver: "host",
  parameters: [],
};
const process: Process = { argv: ["sh", "-c", "x 'y'"], env: ["A=1", "B="], user: "app", cwd: "/srv" };

const spec = (changes: Partial<Jail> = {}, of: Partial<OciJail> = {}) =>
  ociSpec({
    jail: { ...jail, ...changes },
    process,
    user: { uid: 1000, gid: 1001, groups: [29, 50], home: "/home/app" },
    settings: linuxJailSettings(changes.parameters ?? []),
    kernel: { cgroupNamespace: true, cgroup2: false },
    cgroup: "kleene-x-0123456789ab",
    dev: "/dev",
    annotations: { "kleene.directory": "/d" },
    ...of,
  });
const types = (of: ReturnType<typeof spec>) => of.linux.namespaces.map((each) => each.type);
const destinations = (of: ReturnType<typeof spec>) => of.mounts.map((each) => each.destination);

describe("ociSpec", () => {
  test("gives the process as it was asked for", () => {
    expect(spec().process).toMatchObject({
      terminal: false,
      args: ["sh", "-c", "x 'y'"],
      env: ["A=1", "B="],
      cwd: "/srv",
      user: { uid: 1000, gid: 1001, additionalGids: [29, 50] },
      noNewPrivileges: true,
    });
  });

  test("has the jail's root, writable, its host name, control group and annotations", () => {
    expect(spec()).toMatchObject({
      root: { path: jail.root, readonly: false },
      hostname: "0123456789ab",
      linux: { cgroupsPath: "/kleene-x-0123456789ab" },
      annotations: { "kleene.directory": "/d" },
    });
    expect(spec({ parameters: ["host.hostname=web"] }).hostname).toBe("web");
  });

  test("the network driver decides about the network namespace", () => {
    expect(types(spec({ networkDriver: "host" }))).toEqual(["mount", "pid", "ipc", "uts", "cgroup"]);
    expect(types(spec({ networkDriver: "disabled" }))).toContain("network");
    expect(() => spec({ networkDriver: "vnet" })).toThrow("vnet");
    expect(() => spec({ networkDriver: "ipnet" })).toThrow("ipnet");
  });

  test("a kernel without cgroup namespaces gets none", () => {
    expect(types(spec({}, { kernel: { cgroupNamespace: false, cgroup2: false } }))).not.toContain("cgroup");
  });

  test("control groups are shown where they are one mount, and never writable", () => {
    expect(destinations(spec())).not.toContain("/sys/fs/cgroup");
    const unified = spec({}, { kernel: { cgroupNamespace: true, cgroup2: true } });
    expect(unified.mounts.find((each) => each.destination === "/sys/fs/cgroup")?.options).toContain("ro");
  });

  test("no capability is powerful over the host, ambient or inheritable", () => {
    const { capabilities } = spec().process;
    expect(Object.keys(capabilities).sort()).toEqual(["bounding", "effective", "permitted"]);
    for (const set of Object.values(capabilities)) {
      expect(set).toContain("CAP_NET_RAW");
      expect(set.filter((each) => /SYS_(?!CHROOT)|NET_ADMIN|DAC_READ|MAC_|BPF/.test(each))).toEqual([]);
    }
  });

  test("jail parameters take capabilities away from every set", () => {
    const { capabilities } = spec({ parameters: ["allow.noraw_sockets", "allow.noreserved_ports"] }).process;
    for (const set of Object.values(capabilities)) {
      expect(set.filter((each) => each.startsWith("CAP_NET"))).toEqual([]);
    }
  });

  test("mount.nodevfs leaves one mount of the root's own /dev", () => {
    const of = spec({ parameters: ["mount.nodevfs"] }, { dev: "/pool/x/dev" });
    expect(of.mounts.filter((each) => each.destination.startsWith("/dev"))).toEqual([
      { destination: "/dev", type: "bind", source: "/pool/x/dev", options: ["bind", "nosuid"] },
    ]);
  });

  test("pseudo-terminals are the jail's own, and all devices but the usual are denied", () => {
    const pts = spec().mounts.find((each) => each.destination === "/dev/pts");
    expect(pts?.options).toEqual(expect.arrayContaining(["newinstance", "ptmxmode=0666"]));
    expect(spec().linux.resources.devices).toEqual([{ allow: false, access: "rwm" }]);
  });

  test("what would tell of the host or change it is masked or read-only", () => {
    expect(spec().linux.maskedPaths).toEqual(expect.arrayContaining(["/proc/kcore", "/proc/keys", "/sys/firmware"]));
    expect(spec().linux.readonlyPaths).toEqual(expect.arrayContaining(["/proc/sys", "/proc/sysrq-trigger"]));
    expect(spec().mounts.find((each) => each.destination === "/sys")?.options).toContain("ro");
  });
});
