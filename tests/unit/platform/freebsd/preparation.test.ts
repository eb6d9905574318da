import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KleeneError } from "../../../../src/errors.ts";
import { createFreeBsdPreparation } from "../../../../src/platform/freebsd/preparation.ts";
import type { Check, PreparationOptions } from "../../../../src/platform/preparation.ts";
import type { Storage } from "../../../../src/platform/storage-preparation.ts";
import { RecordingExecutor } from "../../../recording-executor.ts";

const MODULES = ["zfs", "pf", "pflog", "if_bridge", "if_epair", "nullfs", "fdescfs"];

/** Storage has tests of its own: here there is none to be had. */
const storage = {
  zfs: {},
  zpool: { list: () => Promise.reject(new KleeneError("unavailable", "no ZFS here")) },
} as unknown as Storage;

let directory: string;
let pfConf: string;
let executor: RecordingExecutor;
let questions: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kltest-preparation-"));
  pfConf = join(directory, "pf.conf");
  executor = preparedHost();
  questions = [];
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function preparedHost(): RecordingExecutor {
  return new RecordingExecutor()
    .on(["/bin/freebsd-version"], { stdout: "14.1-RELEASE-p5\n" })
    .on(["/sbin/kldstat"], {})
    .on(["/usr/sbin/sysrc", "-i", "-n"], { stdout: "YES\n" })
    .on(["/usr/sbin/sysrc", "-i", "-n", "kld_list"], { stdout: "if_bridge if_epair nullfs fdescfs\n" })
    .on(["/sbin/sysctl"], { stdout: "1\n" })
    .on(["/sbin/pfctl"], {})
    .on(["/sbin/pfctl", "-s", "info"], { stdout: "Status: Enabled for 0 days 00:00:12           Debug: Urgent\n" });
}

/** FreeBSD as it is after its installation. */
function freshHost(): RecordingExecutor {
  let enabled = false;
  return preparedHost()
    .on(["/sbin/kldstat"], { exitCode: 1 })
    .on(["/sbin/kldload"], {})
    .on(["/usr/sbin/sysrc"], {})
    .on(["/usr/sbin/sysrc", "-i", "-n"], { stdout: "NO\n" })
    .on(["/usr/sbin/sysrc", "-i", "-n", "kld_list"], { stdout: "fusefs\n" })
    .on(["/usr/sbin/sysrc", "-f", "/boot/loader.conf", "-i", "-n"], { stdout: "" })
    .on(["/sbin/sysctl"], { stdout: "0\n" })
    .on(["/sbin/pfctl", "-s", "info"], () => ({ stdout: enabled ? "Status: Enabled\n" : "Status: Disabled\n" }))
    .on(["/usr/sbin/service"], () => {
      enabled = true;
      return {};
    });
}

async function prepare(changes: Partial<PreparationOptions> & { uid?: number } = {}): Promise<Check[]> {
  const { uid = 0, ...options } = changes;
  const preparation = createFreeBsdPreparation(
    { ...storage, executor },
    { pfConf, poolFile: join(directory, "pool.img"), uid },
  );
  const checks = preparation.prepare({
    rootDataset: "zroot/kleene",
    poolSize: 2 ** 30,
    install: false,
    dryRun: false,
    confirm: async (question) => {
      questions.push(question);
      return true;
    },
    ...options,
  });
  return await Array.fromAsync(checks);
}

const outcomes = (checks: Check[]) => Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
/** What changes the host, apart from looking at it. */
const changes = () => executor.lines.filter((line) => !/kldstat|-i -n|sysctl|freebsd-version|-s info/.test(line));

describe("the preparation of a FreeBSD host", () => {
  test("changes nothing on a host that is prepared", async () => {
    await writeFile(pfConf, 'nat-anchor "kleene/*"\nrdr-anchor "kleene/*"\nanchor "kleene/*"\npass\n');
    const checks = await prepare();
    expect(outcomes(checks)).toEqual({
      "root rights": "ok",
      system: "ok",
      ...Object.fromEntries(MODULES.map((module) => [`module ${module}`, "ok"])),
      "rc.conf": "ok",
      "resource limits": "ok",
      "pf.conf": "ok",
      pf: "ok",
      pool: "failed",
      "root dataset": "failed",
    });
    expect(changes()).toEqual([]);
    expect(questions).toEqual([]);
  });

  test("prepares a fresh host, asking before each change of a system file", async () => {
    executor = freshHost();
    const checks = await prepare();
    expect(checks.filter(({ outcome }) => outcome === "failed").map(({ name }) => name)).toEqual([
      "pool",
      "root dataset",
    ]);
    expect(changes()).toEqual([
      ...MODULES.map((module) => `/sbin/kldload -n ${module}`),
      "/usr/sbin/sysrc zfs_enable=YES",
      "/usr/sbin/sysrc pf_enable=YES",
      "/usr/sbin/sysrc pflog_enable=YES",
      ...MODULES.slice(3).map((module) => `/usr/sbin/sysrc kld_list+=${module}`),
      "/usr/sbin/sysrc -f /boot/loader.conf kern.racct.enable=1",
      "/sbin/pfctl -n -f -",
      "/usr/sbin/service pf onestart",
      "/usr/sbin/service pflog onestart",
    ]);
    expect(questions).toHaveLength(4);
    expect(readFileSync(pfConf, "utf8")).toEndWith('nat-anchor "kleene/*"\nrdr-anchor "kleene/*"\nanchor "kleene/*"\n');
    expect(checks.find(({ name }) => name === "resource limits")?.detail).toContain("reboot");
  });

  test("only says what it would do in a dry run", async () => {
    executor = freshHost().on(["/sbin/pfctl", "-s", "info"], { exitCode: 1, stderr: "pfctl: /dev/pf: No such file\n" });
    const checks = await prepare({ dryRun: true });
    expect(new Set(checks.slice(2).map(({ outcome }) => outcome))).toEqual(new Set(["planned"]));
    expect(changes()).toEqual([]);
    expect(existsSync(pfConf)).toBe(false);
    expect(questions).toEqual([]);
  });

  test("changes no file when the answer is no, and says what to do instead", async () => {
    executor = freshHost();
    const checks = await prepare({ confirm: async () => false });
    for (const name of ["rc.conf", "resource limits", "pf.conf", "pf"]) {
      const check = checks.find((each) => each.name === name);
      expect(check).toMatchObject({ outcome: "failed", detail: "declined" });
      expect(check?.remedy).not.toBeEmpty();
    }
    expect(changes().filter((line) => !line.startsWith("/sbin/kldload"))).toEqual(["/sbin/pfctl -n -f -"]);
    expect(existsSync(pfConf)).toBe(false);
  });

  test("checks the new pf.conf first, keeps the old one beside it and loads it", async () => {
    await writeFile(pfConf, "block in all\n");
    await chmod(pfConf, 0o600);
    expect(outcomes(await prepare())["pf.conf"]).toBe("done");
    const text = 'nat-anchor "kleene/*"\nrdr-anchor "kleene/*"\nblock in all\nanchor "kleene/*"\n';
    expect(executor.calls.find(({ stdin }) => stdin !== undefined)?.stdin).toBe(text);
    expect(changes()).toEqual(["/sbin/pfctl -n -f -", `/sbin/pfctl -q -f ${pfConf}`]);
    expect(readFileSync(pfConf, "utf8")).toBe(text);
    expect(statSync(pfConf).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${pfConf}.before-kleene`, "utf8")).toBe("block in all\n");
  });

  test("leaves a pf.conf alone that pf does not understand with the anchors", async () => {
    await writeFile(pfConf, "include /nosuch\n");
    executor.on(["/sbin/pfctl", "-n"], { exitCode: 1, stderr: "stdin:1: syntax error\n" });
    const check = (await prepare()).find(({ name }) => name === "pf.conf");
    expect(check).toMatchObject({ outcome: "failed", detail: "stdin:1: syntax error" });
    expect(check?.remedy).toContain("translation before filtering");
    expect(readFileSync(pfConf, "utf8")).toBe("include /nosuch\n");
  });

  test("says what needs root, and asks nothing of the host but its version", async () => {
    const checks = await prepare({ uid: 1000 });
    expect(checks[0]).toMatchObject({ name: "root rights", outcome: "failed" });
    expect(checks.filter(({ outcome }) => outcome === "ok").map(({ name }) => name)).toEqual(["system"]);
    expect(executor.lines).toEqual(["/bin/freebsd-version -u"]);
  });

  test("refuses FreeBSD 13 and a kernel without resource accounting by name", async () => {
    executor.on(["/bin/freebsd-version"], { stdout: "13.2-RELEASE\n" });
    executor.on(["/sbin/sysctl"], { exitCode: 1, stderr: "sysctl: unknown oid 'kern.racct.enable'\n" });
    const checks = await prepare();
    expect(checks[1]).toMatchObject({
      outcome: "failed",
      detail: "FreeBSD 13.2-RELEASE is too old: Kleene needs 14 or newer",
    });
    expect(checks.find(({ name }) => name === "resource limits")?.detail).toBe("this kernel was built without RACCT");
  });

  test("says which module cannot be loaded, and that the pool needs zfs", async () => {
    executor.on(["/sbin/kldstat", "-q", "-m", "zfs"], { exitCode: 1 });
    executor.on(["/sbin/kldload"], { exitCode: 1, stderr: "kldload: can't load zfs: No such file or directory\n" });
    const checks = await prepare();
    expect(checks.find(({ name }) => name === "module zfs")).toMatchObject({
      outcome: "failed",
      remedy: "kldload zfs",
    });
    expect(checks.at(-1)?.detail).toBe("needs the module zfs");
  });
});

test("facts tell what is there, and what cannot be told", async () => {
  executor.on(["/sbin/zfs", "version"], { stdout: "zfs-2.2.4-FreeBSD_g256659204\nzfs-kmod-2.2.4\n" });
  executor.on(["/sbin/sysctl"], { exitCode: 1, stderr: "sysctl: no\n" });
  const facts = await createFreeBsdPreparation({ ...storage, executor }).facts();
  expect(facts.map(({ name, value }) => `${name}=${value}`)).toEqual([
    "system=FreeBSD 14.1-RELEASE-p5",
    expect.stringMatching(/^kernel=FreeBSD /),
    "ZFS=zfs-2.2.4-FreeBSD_g256659204",
    "pf=enabled",
    "resource limits=unknown: sysctl: no",
  ]);
});
