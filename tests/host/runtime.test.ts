import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { executor } from "../../src/host/exec.ts";
import { createLinuxRuntime } from "../../src/platform/linux/runtime.ts";
import { type Jail, jailName, type Process } from "../../src/platform/runtime.ts";
import { describeRuntime, type RuntimeSubject } from "../conformance/runtime.ts";
import { claimDirectory } from "../owner.ts";
import { TESTS_DIRECTORY } from "../scratch-pool.ts";
import { TESTS_RUN_DIRECTORY } from "../sweep.ts";
import { createTestRoot } from "../test-root.ts";

const base = join(TESTS_DIRECTORY, `runtime-${process.pid}`);
const runBase = join(TESTS_RUN_DIRECTORY, `runtime-${process.pid}`);
claimDirectory(base);
claimDirectory(runBase);
const runDirectory = join(runBase, "run");
const root = join(base, "root");
await createTestRoot(root);
const runtime = createLinuxRuntime({ executor, runDirectory });

afterAll(async () => {
  for (const { name } of await runtime.list()) await runtime.stop(name, 0);
  for (const path of [base, runBase]) await rm(path, { recursive: true, force: true });
});

describeRuntime("runc", async (): Promise<RuntimeSubject> => {
  const scratch = join(base, "scratch");
  await mkdir(scratch);
  return {
    runtime,
    restarted: () => createLinuxRuntime({ executor, runDirectory }),
    stranger: createLinuxRuntime({ executor, runDirectory: join(runBase, "other") }),
    root,
    scratch,
    leftovers: async (name) => {
      const entries = async (path: string) => (await readdir(path).catch(() => [])).map((entry) => join(path, entry));
      const cgroups = (await entries("/sys/fs/cgroup")).map(entries);
      const paths = [...(await entries(runDirectory)), ...(await entries(join(runDirectory, "runc")))];
      return [...paths, ...(await Promise.all(cgroups)).flat()].filter((path) => path.includes(name));
    },
  };
});

const jail = (changes: Partial<Jail> = {}): Jail => {
  return {
    name: jailName(`kltest${process.pid}l`),
    root,
    hostname: "h",
    networkDriver: "host",
    parameters: [],
    ...changes,
  };
};

async function output(script: string, changes: Partial<Jail> = {}, of: Partial<Process> = {}): Promise<string> {
  let text = "";
  const command: Process = { argv: ["sh", "-c", script], env: ["PATH=/bin"], user: "", cwd: "/", ...of };
  await runtime.run(
    jail(changes),
    command,
    (_, chunk) => (text += Buffer.from(chunk).toString()),
    new AbortController().signal,
  );
  return text.trim();
}

const capabilities = async (changes: Partial<Jail>, user = "") =>
  BigInt(`0x${await output("sed -n 's/CapEff:.//p' /proc/self/status", changes, { user })}`);
const NET_ADMIN = 1n << 12n;
const NET_RAW = 1n << 13n;
const SYS_ADMIN = 1n << 21n;

test("root in a jail may use raw sockets, but administers neither the system nor the network", async () => {
  const set = await capabilities({});
  expect([set & NET_RAW, set & NET_ADMIN, set & SYS_ADMIN]).toEqual([NET_RAW, 0n, 0n]);
});

test("allow.noraw_sockets takes the raw sockets away", async () => {
  expect((await capabilities({ parameters: ["allow.noraw_sockets"] })) & NET_RAW).toBe(0n);
});

test("a user who is not root has no capabilities and gets none from a program", async () => {
  expect(await capabilities({}, "app")).toBe(0n);
  expect(await output("sed -n 's/NoNewPrivs:.//p' /proc/self/status", {}, { user: "app" })).toBe("1");
});

test("the host driver shares the host's network, disabled has a loopback interface alone", async () => {
  const host = await readFile("/proc/self/net/dev", "utf8");
  const names = (text: string) => [...text.matchAll(/^\s*([^\s|:]+):/gm)].map((match) => match[1]).sort();
  expect(names(await output("cat /proc/net/dev"))).toEqual(names(host));
  expect(await output("ip -o link | grep -c LOOPBACK,UP; ls /sys/class/net", { networkDriver: "disabled" })).toContain(
    "1",
  );
});

test("the kernel's settings cannot be changed, and its secrets are masked", async () => {
  expect(await output("echo x 2>/dev/null >/proc/sys/kernel/hostname || echo refused")).toContain("refused");
  expect(await output("cat /proc/keys /proc/timer_list | wc -c")).toBe("0");
  expect(await output("mount -t tmpfs none /tmp 2>/dev/null && echo mounted || echo refused")).toBe("refused");
});

test("pseudo-terminals, shared memory and the usual devices are there, the host's disks are not", async () => {
  expect(await output("ls /dev | tr '\\n' ' '")).toMatch(
    /full.*mqueue.*null.*ptmx.*pts.*random.*shm.*tty.*urandom.*zero/,
  );
  const open = "mknod /tmp/disk b 8 0; mknod /tmp/disk2 b 254 0; cat /tmp/disk /tmp/disk2 2>&1; rm /tmp/disk*";
  expect(await output(open)).toMatch(/not permitted[\s\S]*not permitted/);
});

test("mount.nodevfs shows the image's own /dev, which needs a /dev/null", async () => {
  const parameters = ["mount.nodevfs"];
  expect(await output("ls /dev", { parameters }).catch(errorCode)).toBe("unsupported");
  await executor.exec(["mknod", "-m", "666", join(root, "dev/null"), "c", "1", "3"]);
  expect(await output("ls /dev", { parameters })).toBe("null");
  expect(await readdir(join(root, "dev"))).toEqual(["null"]);
  await rm(join(root, "dev/null"));
});

test("a script that the kernel refuses is an error of its own, not exit status 1", async () => {
  await writeFile(join(root, "bin/no-interpreter"), "#!/nosuch\n");
  await chmod(join(root, "bin/no-interpreter"), 0o755);
  const directory = await mkdtemp(join(base, "process-"));
  const command: Process = { argv: ["no-interpreter"], env: ["PATH=/bin"], user: "", cwd: "/" };
  const code = await runtime.start(jail(), command, directory).then(() => "none", errorCode);
  expect([code, await readdir(directory)]).toEqual(["invalid", []]);
});

test("the network drivers that need a network are refused before anything is made", () => {
  for (const networkDriver of ["ipnet", "vnet"] as const) {
    expect(() => runtime.check(jail({ networkDriver }))).toThrow(networkDriver);
  }
});

test("a daemon that is killed during a run leaves a jail that the next one finds and stops", async () => {
  const { name } = jail();
  const script = `
    const [{ createLinuxRuntime }, { executor }] = await Promise.all(process.argv.slice(1, 3).map((path) => import(path)));
    const [jail, process_] = JSON.parse(process.argv[4]);
    const never = new AbortController().signal;
    await createLinuxRuntime({ executor, runDirectory: process.argv[3] }).run(jail, process_, () => process.kill(process.pid, "SIGKILL"), never);
  `;
  const command: Process = { argv: ["sh", "-c", "echo up; sleep 1000"], env: ["PATH=/bin"], user: "", cwd: "/" };
  const source = (path: string) => join(import.meta.dir, "../../src", path);
  const modules = [source("platform/linux/runtime.ts"), source("host/exec.ts")];
  const daemon = Bun.spawn([
    process.execPath,
    "-e",
    script,
    ...modules,
    runDirectory,
    JSON.stringify([jail(), command]),
  ]);
  await daemon.exited;
  const next = createLinuxRuntime({ executor, runDirectory });
  expect((await next.list()).map((each) => each.name)).toEqual([name]);
  await next.stop(name, 10_000);
  expect(await next.list()).toEqual([]);
  expect(await readdir(runDirectory)).toEqual(["runc"]);
});

test("a state that a crash of the host has cut off does not keep a jail from being stopped and started", async () => {
  const { name } = jail();
  const command: Process = { argv: ["true"], env: ["PATH=/bin"], user: "", cwd: "/" };
  await mkdir(join(runDirectory, "runc", name), { recursive: true });
  await writeFile(join(runDirectory, "runc", name, "state.json"), "");
  expect(await runtime.list()).toEqual([]);
  const started = await runtime.start(jail(), command, await mkdtemp(join(base, "process-")));
  expect(await started.exited).toBe(0);
  await mkdir(join(runDirectory, "runc", name));
  await runtime.stop(name, 10_000);
  expect(await readdir(join(runDirectory, "runc"))).toEqual([]);
});

test("the environment shows in no program's arguments", async () => {
  const directory = await mkdtemp(join(base, "process-"));
  const command: Process = {
    argv: ["sleep", "1000"],
    env: ["PATH=/bin", "PASSWORD=kltest-secret"],
    user: "",
    cwd: "/",
  };
  await runtime.start(jail(), command, directory);
  const processes = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  await runtime.stop(jail().name, 0);
  expect(lines.filter((line) => line.includes("kltest-secret"))).toEqual([]);
});

test.each(["dev", "proc", "sys"])(
  "an image whose /%s leads to the host is refused, and nothing is written there",
  async (name) => {
    const hostile = join(base, `link-${name}`);
    const outside = join(base, `outside-${name}`);
    await createTestRoot(hostile);
    await mkdir(outside);
    await writeFile(join(outside, "ptmx"), "precious");
    await rm(join(hostile, name), { recursive: true });
    await symlink(`../outside-${name}`, join(hostile, name));
    const refused = await output("true", { root: hostile }).catch((error: unknown) => error);
    expect(errorCode(refused)).toBe("invalid");
    expect(await readdir(outside)).toEqual(["ptmx"]);
    expect(await readFile(join(outside, "ptmx"), "utf8")).toBe("precious");
  },
);

test("what a daemon that was killed while it made a run ready has left goes when the jail is stopped", async () => {
  const { name } = jail();
  let fifo = "";
  const dying = createLinuxRuntime({
    executor: {
      ...executor,
      exec: async (argv) => {
        fifo = argv.at(-1) ?? "";
        await executor.exec(argv);
        // As a kill would: nothing comes after it.
        return await new Promise<never>(() => {});
      },
    },
    runDirectory,
  });
  void dying.prepareRun?.(jail(), { argv: ["true"], env: ["PATH=/bin"], user: "", cwd: "/" });
  while (!existsSync(fifo)) await Bun.sleep(5);
  await createLinuxRuntime({ executor, runDirectory }).stop(name, 0);
  expect(await readdir(runDirectory)).toEqual(["runc"]);
});
