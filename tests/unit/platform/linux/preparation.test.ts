import { describe, expect, test } from "bun:test";
import { CommandError, KleeneError } from "../../../../src/errors.ts";
import type { Argv, Exec } from "../../../../src/host/exec.ts";
import { bootstrapError } from "../../../../src/platform/linux/bootstrap.ts";
import { cgroupVersion } from "../../../../src/platform/linux/cgroups.ts";
import { installPackages, prepareHostPrograms } from "../../../../src/platform/linux/host-programs.ts";

/** A host with these programs; apt-get installs the program `runc` only. */
function host(...programs: string[]): { exec: Exec; commands: string[] } {
  const present = new Set(programs);
  const commands: string[] = [];
  const exec: Exec = async (argv: Argv) => {
    commands.push(argv.join(" "));
    if (argv[0] === "apt-cache") return { stdout: "runc:\n  Candidate: 1.1.5\nip:\n  Candidate: 1\n", stderr: "" };
    if (argv.includes("install") && argv.includes("runc")) present.add("runc");
    if (argv[0] !== "apt-get" && !present.has(argv[0])) {
      throw new KleeneError("missing-tool", `the program ${argv[0]} is not installed`);
    }
    return { stdout: `${argv[0]} 1.0\nmore\n`, stderr: "" };
  };
  return { exec, commands };
}

const others = ["nft", "ip", "tar", "debootstrap"] as const;
const root = { apt: true, root: true };

describe("the programs that Kleene calls", () => {
  test("are fine where they are all installed, either bootstrapper being enough", async () => {
    const { exec } = host("runc", ...others);
    const checks = await Array.fromAsync(prepareHostPrograms(exec, { install: true, dryRun: false }, root));
    expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "runc ok",
      "nft ok",
      "ip ok",
      "tar ok",
      "base userland ok",
    ]);
    expect(checks.at(-1)?.detail).toBe("debootstrap 1.0");
  });

  test("are installed where that is allowed", async () => {
    const { exec, commands } = host(...others);
    const checks = await Array.fromAsync(prepareHostPrograms(exec, { install: true, dryRun: false }, root));
    expect(checks[0]).toEqual({ name: "runc", outcome: "done", detail: "installed: runc 1.0" });
    expect(commands.filter((command) => command.includes("install"))).toHaveLength(1);
  });

  test("are only named in a dry run", async () => {
    const { exec, commands } = host(...others);
    const checks = await Array.fromAsync(prepareHostPrograms(exec, { install: true, dryRun: true }, root));
    expect(checks[0]).toMatchObject({ outcome: "planned", detail: "install the package runc" });
    expect(commands.some((command) => command.startsWith("apt-get"))).toBe(false);
  });

  test("are told with the command that installs them where that is not allowed", async () => {
    const { exec, commands } = host(...others);
    const checks = await Array.fromAsync(prepareHostPrograms(exec, { install: false, dryRun: false }, root));
    expect(checks[0]).toMatchObject({ outcome: "failed", remedy: "apt-get install runc" });
    expect(commands.some((command) => command.startsWith("apt-get"))).toBe(false);
  });

  test("are told without a command on a system that does not use apt", async () => {
    const { exec } = host(...others);
    const options = { install: true, dryRun: false };
    const checks = await Array.fromAsync(prepareHostPrograms(exec, options, { apt: false, root: true }));
    expect(checks[0]?.outcome).toBe("failed");
    expect(checks[0]?.remedy).toBeUndefined();
  });
});

describe("installing packages", () => {
  test("fetches the lists first when a package is not known", async () => {
    const { exec, commands } = host();
    await installPackages(exec, ["runc", "mmdebstrap"]);
    expect(commands.map((command) => command.match(/update|install|policy/)?.[0])).toEqual([
      "policy",
      "update",
      "install",
    ]);
  });

  test("fetches the lists again when they turn out to be old", async () => {
    const { exec, commands } = host();
    let attempts = 0;
    const stale: Exec = async (argv, options) => {
      if (argv.includes("install") && ++attempts === 1) throw new CommandError(argv, 100, "404 Not Found");
      return await exec(argv, options);
    };
    await installPackages(stale, ["runc"]);
    expect(attempts).toBe(2);
    expect(commands.some((command) => command.endsWith("update"))).toBe(true);
  });
});

test("the control groups of a host are told from its mounts", () => {
  expect(cgroupVersion([{ type: "proc" }, { type: "cgroup2" }])).toBe("v2");
  expect(cgroupVersion([{ type: "cgroup" }])).toBe("v1");
  expect(cgroupVersion([{ type: "cgroup" }, { type: "cgroup2" }])).toBe("v1 and v2");
  expect(cgroupVersion([{ type: "proc" }])).toBeUndefined();
});

test("a failed bootstrap says why, with a code", () => {
  const error = (...lines: string[]) => {
    const { code, message } = bootstrapError("mmdebstrap", 1, lines);
    return `${code} ${message}`;
  };
  expect(error("Err:1 http://x bookworm InRelease", "  Could not connect to x:80 (10.0.0.1)", "E: apt failed")).toBe(
    "unavailable cannot make the userland: Could not connect to x:80 (10.0.0.1)",
  );
  expect(error("E: cannot write: No space left on device")).toStartWith("no-space");
  expect(error("W: GPG error: NO_PUBKEY 0123", "E: apt failed")).toStartWith("invalid");
  expect(error("I: fine", "E: something odd")).toBe("unavailable cannot make the userland: something odd");
  expect(error()).toBe("unavailable cannot make the userland: mmdebstrap exited with 1");
});
