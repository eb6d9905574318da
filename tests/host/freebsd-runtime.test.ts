import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { type Argv, spawn } from "../../src/host/exec.ts";
import { createFreeBsdRuntime } from "../../src/platform/freebsd/runtime.ts";
import { type Jail, jailName, type Process, type Runtime, type SupervisedProcess } from "../../src/platform/runtime.ts";
import { RecordingExecutor } from "../recording-executor.ts";
import { createTestRoot } from "../test-root.ts";

/**
 * The real driver, supervisor and helper. Only what FreeBSD alone has is a stand-in: jail(8), jls(8), ps(1) and
 * mount(8) are a table of jails here, and the helper enters its jail by chroot(2).
 */
const NAME = jailName("0123456789ab");
const HELPER = join(import.meta.dir, "jail-exec-chroot.ts");

let directory: string;
let run: string;
let root: string;
let executor: RecordingExecutor;
let runtime: Runtime;
let jails: Map<string, { jid: number; conf: string }>;
let mounts: string[];
let lastJid: number;
let jail: Jail;
/** The supervisors' ends: until then they write in the directory. */
let ends: Promise<number>[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kltest-freebsd-"));
  run = join(directory, "run");
  root = join(directory, "root");
  await createTestRoot(root);
  await mkdir(join(directory, "process"));
  jails = new Map();
  mounts = [];
  lastJid = 0;
  jail = { name: NAME, root, hostname: "web1", networkDriver: "host", parameters: [] };
  executor = standIn();
  ends = [];
  const driver = createFreeBsdRuntime({ executor, runDirectory: run, selfExecutable: "/kleene" });
  const noted = (started: SupervisedProcess) => {
    ends.push(started.exited);
    return started;
  };
  runtime = {
    ...driver,
    start: async (...what) => noted(await driver.start(...what)),
    exec: async (...what) => noted(await driver.exec(...what)),
  };
});

afterEach(async () => {
  for (const pid of processesInRoot()) process.kill(pid, "SIGKILL");
  await Promise.all(ends);
  await rm(directory, { recursive: true, force: true });
});

const atProcess = (file: string) => join(directory, "process", file);
const confFile = () => join(run, `${NAME}.conf`);

function standIn(): RecordingExecutor {
  const result = new RecordingExecutor();
  result
    .on(["/usr/sbin/jail", "-q", "-f"], (argv) => {
      const [conf = "", operation, name = ""] = argv.slice(3);
      if (operation === "-r") return removeJail(name);
      if (jails.has(name)) return { exitCode: 1, stderr: `jail: "${name}" already exists\n` };
      jails.set(name, { jid: ++lastJid, conf: readFileSync(conf, "utf8") });
      mounts.push(`${root}/dev`);
      return {};
    })
    .on(["/usr/bin/lockf"], (argv) => {
      expect(argv[1]).toBe(join(run, `${NAME}.lock`));
      return removeJail(argv.at(-1) ?? "");
    })
    .on(["/usr/sbin/jls"], () => {
      const jail = [...jails].map(([name, { jid }]) => ({ jid: String(jid), name, path: root }));
      return { stdout: JSON.stringify({ __version: "2", "jail-information": { jail } }) };
    })
    .on(["/bin/ps"], { exitCode: 1 })
    .on(["ps", "-ww"], async (argv) => {
      const { exec } = await import("../../src/host/exec.ts");
      return await exec(argv);
    })
    .on(["/sbin/mount"], () => {
      const fstab = mounts.map((mntpoint) => ({ device: "devfs", mntpoint, fstype: "devfs" }));
      return { stdout: JSON.stringify({ mount: { fstab } }) };
    })
    .on(["/sbin/umount"], (argv) => {
      mounts = mounts.filter((mountpoint) => mountpoint !== argv.at(-1));
      return {};
    })
    .onSpawn((argv, options) => {
      const words = argv.flatMap((word) => {
        return word === "/kleene" ? [process.execPath] : word === "jail-exec" ? [HELPER, root] : [word];
      });
      return spawn(words as unknown as Argv, options);
    });
  return result;
}

/** As jail(8): every process of the jail is killed. */
function removeJail(name: string) {
  if (!jails.delete(name)) return { exitCode: 1, stderr: `jail: "${name}" not found\n` };
  mounts = mounts.filter((mountpoint) => !mountpoint.startsWith(`${root}/`));
  for (const pid of processesInRoot()) process.kill(pid, "SIGKILL");
  return {};
}

function processesInRoot(): number[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return statSync(`/proc/${entry}/root/`).ino === statSync(root).ino ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

function program(argv: Process["argv"], changes: Partial<Process> = {}): Process {
  return { argv, env: ["PATH=/bin:/usr/bin"], user: "", cwd: "/", ...changes };
}

async function runInstruction(
  argv: Process["argv"],
  changes: Partial<Process> = {},
  signal = new AbortController().signal,
) {
  const output = { stdout: "", stderr: "" };
  const status = await runtime.run(
    jail,
    program(argv, changes),
    (stream, chunk) => {
      output[stream] += Buffer.from(chunk).toString();
    },
    signal,
  );
  return { status, ...output };
}

function expectNothingLeft(): void {
  expect([...jails.keys()]).toEqual([]);
  expect(mounts).toEqual([]);
  expect(existsSync(run) ? readdirSync(run) : []).toEqual([]);
  // A process that was killed takes a moment to go.
  for (let patience = 200; processesInRoot().length > 0 && patience > 0; patience--) Bun.sleepSync(10);
  expect(processesInRoot()).toEqual([]);
}

describe("run", () => {
  test("makes a jail, runs the process and removes the jail, by one file", async () => {
    const result = await runInstruction(["sh", "-c", "id -un; pwd; echo err >&2; exit 3"], {
      user: "app",
      cwd: "/tmp",
    });
    expect(result).toEqual({ status: 3, stdout: "app\n/tmp\n", stderr: "err\n" });
    expect(executor.lines).toEqual([
      `/usr/sbin/jail -q -f ${confFile()} -c ${NAME}`,
      `/kleene jail-exec ${join(run, `${NAME}.spec`)}`,
      `/usr/sbin/jail -q -f ${confFile()} -r ${NAME}`,
    ]);
    expectNothingLeft();
  });

  test("ends what the process left running, and what it printed is complete", async () => {
    const result = await runInstruction(["sh", "-c", "sleep 1000 & seq 1 20000"]);
    expect(result.stdout.split("\n").length).toBe(20_001);
    expectNothingLeft();
  });

  test("leaves nothing when the program is not there", async () => {
    const error = await runInstruction(["nosuch"]).catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("not-found");
    expect((error as Error).message).toBe("nosuch: no such program in the container");
    expectNothingLeft();
  });

  test("leaves nothing when it is canceled, before or meanwhile", async () => {
    const controller = new AbortController();
    const running = runtime.run(
      jail,
      program(["sh", "-c", "echo on; sleep 1000"]),
      () => controller.abort(),
      controller.signal,
    );
    expect(errorCode(await running.catch((caught: unknown) => caught))).toBe("canceled");
    expectNothingLeft();
    const before = await runInstruction(["true"], {}, AbortSignal.abort()).catch((caught: unknown) => caught);
    expect(errorCode(before)).toBe("canceled");
    expectNothingLeft();
  });

  test("leaves nothing when the jail cannot be made, and says what jail(8) said", async () => {
    executor.on(["/usr/sbin/jail", "-q", "-f"], { exitCode: 1, stderr: "jail: unknown parameter: nosuch.param\n" });
    const error = await runInstruction(["true"]).catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("invalid");
    expect((error as Error).message).toBe("cannot create the jail: unknown parameter: nosuch.param");
    expectNothingLeft();
  });
});

describe("start", () => {
  test("makes the jail and starts a process that is known by its own ID", async () => {
    const started = await runtime.start(
      jail,
      program(["sh", "-c", "echo $$; read x; exit 4"]),
      join(directory, "process"),
    );
    expect(await started.exited).toBe(4);
    expect(readFileSync(atProcess("stdout"), "utf8")).toBe(readFileSync(atProcess("pid"), "utf8"));
    expect(readFileSync(atProcess("exit"), "utf8")).toBe("4\n");
    expect(existsSync(atProcess("spec"))).toBe(false);
    expect(await runtime.list()).toEqual([{ name: NAME, jid: 1 }]);
    expect(jails.get(NAME)?.conf).toContain('exec.stop = "/bin/sh /etc/rc.shutdown";');
    expect(statSync(confFile()).mode & 0o777).toBe(0o600);
  });

  test("puts neither arguments nor environment of the process on a command line", async () => {
    const secret = program(["sh", "-c", "true secret-argument"], { env: ["PATH=/bin", "TOKEN=secret-variable"] });
    await (await runtime.start(jail, secret, join(directory, "process"))).exited;
    expect(executor.lines.join("\n")).not.toContain("secret");
  });

  test("sends signals to the process itself", async () => {
    const waiting = program(["sh", "-c", "trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.01; done"]);
    const started = await runtime.start(jail, waiting, join(directory, "process"));
    while (!readFileSync(atProcess("stdout"), "utf8").includes("ready")) await Bun.sleep(1);
    await started.signal("SIGUSR1");
    expect(await started.exited).toBe(5);
    expect(readFileSync(atProcess("stdout"), "utf8")).toBe("ready\ngot\n");
    await started.signal("SIGKILL");
  });

  test("leaves nothing, in the directory either, when the process cannot run", async () => {
    const bad: [Process, string][] = [
      [program(["nosuch"]), "not-found"],
      [program(["/etc/passwd"]), "invalid"],
      [program(["true"], { cwd: "/nosuch" }), "invalid"],
      [program(["true"], { user: "nosuch" }), "invalid"],
    ];
    for (const [process, code] of bad) {
      const error = await runtime.start(jail, process, join(directory, "process")).catch((caught: unknown) => caught);
      expect(errorCode(error)).toBe(code as never);
      expectNothingLeft();
      expect(readdirSync(join(directory, "process"))).toEqual([]);
    }
  });

  test("refuses a root whose /dev is a link before anything is made", async () => {
    await rm(join(root, "dev"), { recursive: true });
    await symlink("/tmp", join(root, "dev"));
    const error = await runtime
      .start(jail, program(["true"]), join(directory, "process"))
      .catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("invalid");
    expect(executor.lines).toEqual([]);
    expectNothingLeft();
  });

  test("makes way for itself after a crash, but not over a jail with processes", async () => {
    await mkdir(run);
    await writeFile(confFile(), `${NAME} {\n  path = "${root}";\n  persist;\n}\n`);
    jails.set(NAME, { jid: 99, conf: "" });
    executor.on(["/bin/ps"], { stdout: '{"process-information": {"process": [{"pid":"1"}]}}' });
    const error = await runtime
      .start(jail, program(["true"]), join(directory, "process"))
      .catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("conflict");
    expect(jails.get(NAME)?.jid).toBe(99);

    executor.on(["/bin/ps"], { exitCode: 1 });
    await (await runtime.start(jail, program(["true"]), join(directory, "process"))).exited;
    expect(jails.get(NAME)?.jid).toBe(1);
  });
});

test("of two starts at once one wins and the other is told; of two stops both are content", async () => {
  const starts = ["process", "second"].map((each) => {
    return runtime.start(jail, program(["sleep", "1000"]), join(directory, each));
  });
  const [first, second] = await Promise.allSettled(starts);
  expect(first?.status).toBe("fulfilled");
  expect(errorCode(second?.status === "rejected" ? second.reason : undefined)).toBe("conflict");
  expect(await runtime.list()).toEqual([{ name: NAME, jid: 1 }]);
  await Promise.all([runtime.stop(NAME, 0), runtime.stop(NAME, 0)]);
  expectNothingLeft();
});

describe("exec", () => {
  test("starts a further process in the running jail, and none where no jail runs", async () => {
    const other = join(directory, "other");
    const error = await runtime.exec(jail, program(["true"]), other).catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("conflict");

    const first = await runtime.start(jail, program(["sleep", "1000"]), join(directory, "process"));
    const second = await runtime.exec(jail, program(["sh", "-c", "id -u; exit 6"], { user: "1000:50" }), other);
    expect(await second.exited).toBe(6);
    expect(readFileSync(join(other, "stdout"), "utf8")).toBe("1000\n");
    await runtime.stop(NAME, 0);
    expect(await first.exited).toBe(137);
    expectNothingLeft();
  });
});

describe("adopt", () => {
  test("finds a process that runs, one that has ended, and none", async () => {
    const started = await runtime.start(jail, program(["sleep", "1000"]), join(directory, "process"));
    const found = await runtime.adopt(NAME, join(directory, "process"));
    await found?.signal("SIGTERM");
    expect(await found?.exited).toBe(143);
    await started.exited;
    expect(await (await runtime.adopt(NAME, join(directory, "process")))?.exited).toBe(143);
    await mkdir(join(directory, "other"));
    expect(await runtime.adopt(jailName("ffffffffffff"), join(directory, "other"))).toBeUndefined();
  });
});

describe("stop", () => {
  test("removes the jail by its file, with the limit in it, and the file last", async () => {
    const started = await runtime.start(jail, program(["sleep", "1000"]), join(directory, "process"));
    let conf = "";
    executor.forget();
    executor.on(["/usr/bin/lockf"], (argv) => {
      conf = readFileSync(argv[5] ?? "", "utf8");
      return removeJail(argv.at(-1) ?? "");
    });
    await runtime.stop(NAME, 2_500);
    expect(executor.lines).toEqual([
      `/usr/bin/lockf ${join(run, `${NAME}.lock`)} /usr/sbin/jail -q -f ${confFile()} -r ${NAME}`,
      "/usr/sbin/jls --libxo json jid name path",
      "/sbin/mount -p --libxo json",
    ]);
    expect(conf).toContain("  stop.timeout = 3;\n");
    expect(await started.exited).toBe(137);
    expectNothingLeft();
  });

  test("does nothing where there is no jail", async () => {
    await runtime.stop(NAME, 0);
    expect(executor.lines).toEqual([]);
  });

  test("kills a jail that jail(8) left, and unmounts what it left mounted", async () => {
    await runtime.start(jail, program(["sleep", "1000"]), join(directory, "process"));
    mounts.push("/elsewhere", `${root}/mnt/a`, `${root}-other/dev`);
    executor.on(["/usr/bin/lockf"], { exitCode: 1, stderr: "umount: Device busy\n" });
    executor.on(["/usr/sbin/jail", "-q", "-R"], (argv) => {
      const kept = mounts;
      const answer = removeJail(argv[3] ?? "");
      mounts = kept;
      return answer;
    });
    executor.forget();
    await runtime.stop(NAME, 0);
    expect(executor.lines.slice(2)).toEqual([
      `/usr/sbin/jail -q -R ${NAME}`,
      "/sbin/mount -p --libxo json",
      `/sbin/umount ${root}/mnt/a`,
      `/sbin/umount ${root}/dev`,
    ]);
    expect(mounts).toEqual(["/elsewhere", `${root}-other/dev`]);
    expect(existsSync(confFile())).toBe(false);
  });

  test("keeps the file and says so when something stays mounted", async () => {
    await (await runtime.start(jail, program(["true"]), join(directory, "process"))).exited;
    mounts.push(`${root}/mnt/a`);
    executor.on(["/usr/bin/lockf"], { exitCode: 1, stderr: "umount: Device busy\n" });
    executor.on(["/usr/sbin/jail", "-q", "-R"], {});
    executor.on(["/sbin/umount"], { exitCode: 1, stderr: "umount: Device busy\n" });
    const error = await runtime.stop(NAME, 0).catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("busy");
    expect((error as Error).message).toBe(`cannot unmount ${root}/mnt/a`);
    expect(existsSync(confFile())).toBe(true);
  });
});

describe("list", () => {
  test("tells this runtime's jails only, and asks nobody when it has none", async () => {
    expect(await runtime.list()).toEqual([]);
    expect(executor.lines).toEqual([]);
    await runtime.start(jail, program(["sleep", "1000"]), join(directory, "process"));
    jails.set("ffffffffffff", { jid: 50, conf: "" });
    executor.forget();
    expect(await runtime.list()).toEqual([{ name: NAME, jid: 1 }]);
    expect(executor.lines).toEqual(["/usr/sbin/jls --libxo json jid name path"]);
    jails.delete("ffffffffffff");
    await runtime.stop(NAME, 0);
  });
});
