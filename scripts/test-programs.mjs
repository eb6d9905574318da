import { existsSync } from "node:fs";
import { attempt, fail, installed, run, succeeds } from "./step.mjs";

/** What the tests call, and the Debian package that brings it. */
const PROGRAMS = [
  ["zpool", "zfs-fuse"],
  ["runc", "runc"],
  ["nft", "nftables"],
  ["ip", "iproute2"],
  ["mmdebstrap", "mmdebstrap"],
  ["busybox", "busybox-static"],
  ["tar", "tar"],
  ["xz", "xz-utils"],
  ["zstd", "zstd"],
  ["curl", "curl"],
  ["ps", "procps"],
];

/** Installs what is missing, on a Debian or Ubuntu, and loads the kernel's ZFS where there is one. */
export function installTestPrograms() {
  const missing = PROGRAMS.filter(([program]) => !installed(program)).map(([, name]) => name);
  if (missing.length === 0) {
    console.log("all programs are installed");
    loadKernelZfs();
    return;
  }
  if (!installed("apt-get")) fail(`Install these packages, then run the tests again: ${missing.join(" ")}`);
  const noninteractive = { DEBIAN_FRONTEND: "noninteractive" };
  const kernelZfs = existsSync("/sys/module/zfs") || succeeds(["modprobe", "--quiet", "zfs"]);
  const packages = missing.map((name) => (name === "zfs-fuse" && kernelZfs ? "zfsutils-linux" : name));
  attempt(["apt-get", "-q", "update"], noninteractive);
  run(["apt-get", "-q", "-y", "install", "--no-install-recommends", "--no-remove", ...packages], noninteractive);
  loadKernelZfs();
}

function loadKernelZfs() {
  if (!succeeds(["zpool", "list"])) succeeds(["modprobe", "--quiet", "zfs"]);
}
