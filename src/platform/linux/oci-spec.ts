import type { NetworkDriver } from "../../contract/container.ts";
import { KleeneError } from "../../errors.ts";
import type { Jail, Process } from "../runtime.ts";
import type { ResolvedUser } from "../user.ts";
import type { LinuxJailSettings } from "./jail-parameters.ts";

/** The part of the OCI runtime specification's config.json that is written here. */
export interface OciSpec {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname: string;
  readonly mounts: readonly OciMount[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly hooks?: OciHooks;
  readonly linux: {
    readonly cgroupsPath: string;
    readonly namespaces: readonly { readonly type: string }[];
    readonly resources: { readonly devices: readonly { readonly allow: boolean; readonly access: string }[] };
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
  };
}

/** Programs of the host's that runc calls, once everything but the process itself is there. */
export interface OciHooks {
  readonly createRuntime: readonly { readonly path: string; readonly args: readonly string[] }[];
}

export interface OciProcess {
  readonly terminal: boolean;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<Record<"bounding" | "effective" | "permitted", readonly string[]>>;
  readonly noNewPrivileges: boolean;
}

interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciJail {
  readonly jail: Jail;
  readonly process: Process;
  readonly user: ResolvedUser;
  readonly settings: LinuxJailSettings;
  readonly kernel: KernelFeatures;
  /** The name of the jail's control group. */
  readonly cgroup: string;
  /** The host's path of the root's own /dev, where the jail is to have no other. */
  readonly dev: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hooks?: OciHooks;
}

export interface KernelFeatures {
  readonly cgroupNamespace: boolean;
  /** The unified hierarchy alone. The older ones would take a dozen mounts to show. */
  readonly cgroup2: boolean;
}

/** What package managers and daemons need as root, and no power over the host: the set that Docker gives. */
const CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** The whole of config.json, from values alone. @throws KleeneError `unsupported` for a network driver */
export function ociSpec({ jail, process, user, settings, kernel, cgroup, dev, annotations, hooks }: OciJail): OciSpec {
  return {
    ociVersion: "1.0.2",
    process: ociProcess(process, user, settings),
    root: { path: jail.root, readonly: false },
    hostname: settings.hostname ?? jail.hostname,
    mounts: [
      mount("/proc", "proc", "nosuid", "noexec", "nodev"),
      ...(settings.devfs ? DEVICES : [{ destination: "/dev", type: "bind", source: dev, options: ["bind", "nosuid"] }]),
      mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
      ...(kernel.cgroup2 ? [mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")] : []),
    ],
    annotations,
    ...(hooks === undefined ? {} : { hooks }),
    linux: {
      cgroupsPath: `/${cgroup}`,
      namespaces: [
        ...["mount", "pid", "ipc", "uts", ...(kernel.cgroupNamespace ? ["cgroup"] : [])],
        ...networkNamespace(jail.networkDriver),
      ].map((type) => ({ type })),
      // runc itself adds null, zero, random and the like.
      resources: { devices: [{ allow: false, access: "rwm" }] },
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

export function ociProcess(process: Process, user: ResolvedUser, settings: LinuxJailSettings): OciProcess {
  const capabilities = CAPABILITIES.filter(
    (capability) =>
      (settings.rawSockets || capability !== "CAP_NET_RAW") &&
      (settings.reservedPorts || capability !== "CAP_NET_BIND_SERVICE"),
  );
  return {
    terminal: false,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.groups },
    args: process.argv,
    env: process.env,
    cwd: process.cwd,
    // None are inheritable or ambient: a user who is not root has none.
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    noNewPrivileges: true,
  };
}

/** A namespace of its own has nothing but a loopback interface, which runc sets up. */
export function networkNamespace(driver: NetworkDriver): string[] {
  switch (driver) {
    case "host":
      return [];
    case "disabled":
      return ["network"];
    case "ipnet":
    case "vnet":
      throw new KleeneError("unsupported", `the network driver ${driver} is not supported on Linux yet`);
  }
}

const DEVICES = [
  mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
  mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
  mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
  mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
];

function mount(destination: string, type: string, ...options: string[]): OciMount {
  return { destination, type, source: type, options };
}
