import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { type Jail, type JailName, jailName, type Process, type Runtime } from "../../src/platform/runtime.ts";

/** A runtime to be tried, on a root as `createTestRoot` makes it. */
export interface RuntimeSubject {
  readonly runtime: Runtime;
  /** A second runtime over the same run directory: the daemon after a restart. */
  readonly restarted: () => Runtime;
  /** A runtime that must have nothing to do with the first. */
  readonly stranger: Runtime;
  /** The root file system; may be written to by the tests. */
  readonly root: string;
  /** An empty directory for the processes' files. */
  readonly scratch: string;
  /** What the jail has left on the host: processes, mounts, files, control groups; one line each. */
  readonly leftovers: (name: JailName) => Promise<readonly string[]>;
}

const PATH = "PATH=/bin:/usr/bin";
const never = new AbortController().signal;

/** What every implementation of `Runtime` does. */
export function describeRuntime(name: string, makeSubject: () => Promise<RuntimeSubject>): void {
  let subject: RuntimeSubject;
  let count = 0;
  let used: JailName[] = [];

  beforeAll(async () => {
    subject = await makeSubject();
  });

  afterEach(async () => {
    for (const each of used) await subject.runtime.stop(each, 0);
    used = [];
  });

  const jail = (changes: Partial<Jail> = {}): Jail => {
    const each = { name: jailName(`kltest${process.pid}x${++count}`), root: subject.root, hostname: "tester" };
    used.push(changes.name ?? each.name);
    return { ...each, networkDriver: "host", parameters: [], ...changes };
  };
  const shell = (script: string, changes: Partial<Process> = {}): Process => {
    return { argv: ["sh", "-c", script], env: [PATH, "HOME=/root"], user: "", cwd: "/", ...changes };
  };
  const directory = async () => {
    const path = join(subject.scratch, `process-${++count}`);
    await mkdir(path);
    return path;
  };
  const text = (where: string, file: string) => readFile(join(where, file), "utf8");

  /** What a process printed, and how it ended. */
  const run = async (process: Process, of: Jail = jail(), signal = never) => {
    const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    const status = await subject.runtime.run(of, process, (stream, chunk) => chunks[stream].push(chunk), signal);
    const stdout = Buffer.concat(chunks.stdout);
    return { status, stdout: stdout.toString(), stderr: Buffer.concat(chunks.stderr).toString(), bytes: stdout };
  };
  const codeOf = (promise: Promise<unknown>) => promise.then(() => "none", errorCode);
  /** Until the process has said so itself. */
  const said = async (where: string, words: string) => {
    const deadline = Date.now() + 10_000;
    while (!(await text(where, "stdout")).includes(words)) {
      if (Date.now() > deadline) throw new Error(`never said ${words}`);
      await Bun.sleep(2);
    }
  };

  describe(`${name}: run`, () => {
    test("gives the process's output, apart, and its exit status", async () => {
      const result = await run(shell("echo out; echo err >&2; exit 42"));
      expect(result).toMatchObject({ status: 42, stdout: "out\n", stderr: "err\n" });
    });

    test("passes output on as bytes, all of it", async () => {
      const result = await run(shell("printf '\\377\\000\\200'; head -c 3000000 /dev/zero"));
      expect([...result.bytes.subarray(0, 3)]).toEqual([255, 0, 128]);
      expect(result.bytes.length).toBe(3_000_003);
    });

    test("passes output on as it comes, not at the end", async () => {
      const { promise: first, resolve } = Promise.withResolvers<void>();
      const marker = join(subject.root, "tmp/go-on");
      await rm(marker, { force: true });
      const ended = subject.runtime.run(
        jail(),
        shell("echo first; until [ -e /tmp/go-on ]; do usleep 2000; done"),
        () => resolve(),
        never,
      );
      await first;
      await writeFile(marker, "");
      expect(await ended).toBe(0);
    });

    test("gives exactly the environment asked for, whatever it holds", async () => {
      const env = [PATH, "HOME=/x", "TRICK=$(id) `id` \"'\\", "LD_PRELOAD=/nosuch.so", "EMPTY="];
      const { stdout } = await run(shell("env -u PWD -u SHLVL env", { env }));
      expect(stdout.split("\n").filter(Boolean).sort()).toEqual([...env].sort());
    });

    test("runs as the image's users and groups, by name and number", async () => {
      const id = async (user: string) =>
        (await run(shell("echo $(id -u) $(id -g) $(id -G)", { user }))).stdout.trim().split(" ").map(Number);
      const [root, app, byNumber, unknown, grouped] = await Promise.all(
        ["", "app", "1000", "4321", "app:audio"].map(id),
      );
      expect(root?.slice(0, 2)).toEqual([0, 0]);
      expect([...new Set(app)].sort()).toEqual([1000, 29, 50].sort());
      expect(app?.slice(0, 2)).toEqual([1000, 1000]);
      expect(byNumber).toEqual(app as number[]);
      expect(unknown?.slice(0, 2)).toEqual([4321, 0]);
      expect([...new Set(grouped)]).toEqual([1000, 29]);
    });

    test("starts in the working directory, through links inside the root", async () => {
      await rm(join(subject.root, "tmp/link"), { force: true });
      await symlink("/usr/bin", join(subject.root, "tmp/link"));
      expect((await run(shell("pwd -P", { cwd: "/tmp/link" }))).stdout).toBe("/usr/bin\n");
    });

    test("has the jail's host name and root, and a usable /dev", async () => {
      const { stdout } = await run(
        shell("hostname; echo x >/dev/null && head -c 4 /dev/zero | wc -c; ls -d /etc/passwd"),
      );
      expect(stdout).toBe("tester\n4\n/etc/passwd\n");
    });

    test("sees no process of the host", async () => {
      const { stdout } = await run(shell(`kill -0 ${process.pid} 2>/dev/null && echo seen || echo unseen`));
      expect(stdout).toBe("unseen\n");
    });

    test("takes host.hostname in place of the jail's", async () => {
      const { stdout } = await run(shell("hostname"), jail({ parameters: ["host.hostname=web"] }));
      expect(stdout).toBe("web\n");
    });

    test("leaves nothing, background processes included", async () => {
      const of = jail();
      const { status } = await run(shell("sleep 1000 & sleep 1000 & exit 3"), of);
      expect(status).toBe(3);
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("gives 128 and the signal's number when a signal ended the process", async () => {
      expect((await run(shell("sh -c 'kill -TERM $$'; exit $?"))).status).toBe(143);
    });

    test("ends every process when it is canceled, and leaves nothing", async () => {
      const of = jail();
      const controller = new AbortController();
      const ended = subject.runtime.run(
        of,
        shell("trap '' TERM; sleep 1000 & echo ready; while :; do sleep 1000; done"),
        () => controller.abort(),
        controller.signal,
      );
      expect(await codeOf(ended)).toBe("canceled");
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("can be canceled at any moment of its start", async () => {
      for (const delay of [0, 1, 3, 6, 9, 12]) {
        const of = jail();
        const controller = new AbortController();
        const ended = codeOf(subject.runtime.run(of, shell("sleep 1000"), () => {}, controller.signal));
        await Bun.sleep(delay);
        controller.abort();
        expect(await ended).toBe("canceled");
        expect(await subject.leftovers(of.name)).toEqual([]);
      }
    });
  });

  describe(`${name}: refusals`, () => {
    const cases: readonly [string, Partial<Process>, Partial<Jail>, string][] = [
      ["an unknown user", { user: "nosuch" }, {}, "invalid"],
      ["an unknown group", { user: "app:nosuch" }, {}, "invalid"],
      ["a missing working directory", { cwd: "/nosuch" }, {}, "invalid"],
      ["a working directory that is a file", { cwd: "/etc/passwd" }, {}, "invalid"],
      ["a missing program", { argv: ["nosuch"] }, {}, "not-found"],
      ["a missing program by its path", { argv: ["/bin/nosuch"] }, {}, "not-found"],
      ["a program that is not executable", { argv: ["/etc/passwd"] }, {}, "invalid"],
      ["an unknown jail parameter", {}, { parameters: ["no.such.parameter=1"] }, "unsupported"],
    ];
    for (const [what, process, changes, code] of cases) {
      test(`${what} fails run and start with ${code} and leaves nothing`, async () => {
        const of = jail(changes);
        const output: string[] = [];
        const ran = subject.runtime.run(
          of,
          shell("true", process),
          (_, chunk) => output.push(Buffer.from(chunk).toString()),
          never,
        );
        expect(await codeOf(ran)).toBe(code);
        expect(output).toEqual([]);
        expect(await subject.leftovers(of.name)).toEqual([]);
        const where = await directory();
        expect(await codeOf(subject.runtime.start(of, shell("true", process), where))).toBe(code);
        expect(await readdir(where)).toEqual([]);
        expect(await subject.leftovers(of.name)).toEqual([]);
      });
    }

    test("a refusal names what it is about", async () => {
      const message = (process: Partial<Process>) =>
        run(shell("true", process)).then(
          () => "",
          (error: Error) => error.message,
        );
      expect(await message({ user: "nosuch" })).toContain("nosuch");
      expect(await message({ argv: ["missing-program"] })).toContain("missing-program");
      expect(await message({ cwd: "/nosuch/place" })).toContain("/nosuch/place");
    });
  });

  describe(`${name}: prepareRun`, () => {
    const words: string[] = [];
    const listen = (_stream: string, chunk: Uint8Array) => void words.push(Buffer.from(chunk).toString());
    const prepare = async (of: Jail, process: Process) => await subject.runtime.prepareRun?.(of, process);
    // Where nothing can be made ready there is nothing to try.
    const tryIt = (title: string, body: () => Promise<void>) =>
      test(title, async () => {
        words.length = 0;
        if (subject.runtime.prepareRun !== undefined) await body();
      });

    tryIt("runs nothing before the word, and then as run does", async () => {
      const of = jail();
      const marker = join(subject.root, "tmp/prepared");
      await rm(marker, { force: true });
      const prepared = await prepare(of, shell("cat /tmp/prepared; echo err >&2; exit 42"));
      await writeFile(marker, "later");
      expect(await prepared?.run(listen, never)).toBe(42);
      expect(words.sort()).toEqual(["err\n", "later"]);
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    tryIt("makes one ready while another of the same jail runs", async () => {
      const of = jail();
      let prepared = await prepare(of, shell("echo 0"));
      for (let turn = 1; turn < 5; turn++) {
        const running = prepared?.run(listen, never);
        prepared = await prepare(of, shell(`echo ${turn}`));
        expect(await running).toBe(0);
      }
      await prepared?.discard();
      expect(words.join("")).toBe("0\n1\n2\n3\n");
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    tryIt("leaves nothing when it is discarded at once, or when the name is stopped", async () => {
      const of = jail();
      await (await prepare(of, shell("echo never")))?.discard();
      expect(await subject.leftovers(of.name)).toEqual([]);
      await prepare(of, shell("echo never"));
      await subject.runtime.stop(of.name, 0);
      expect(await subject.leftovers(of.name)).toEqual([]);
      expect(words).toEqual([]);
    });

    tryIt("sees a user that was changed in the meantime", async () => {
      const passwd = join(subject.root, "etc/passwd");
      const before = await readFile(passwd, "utf8");
      try {
        await writeFile(passwd, `${before}late:x:2001:2001::/:/bin/sh\n`);
        const prepared = await prepare(jail(), shell("id -u", { user: "late" }));
        await writeFile(passwd, `${before}late:x:2002:2002::/:/bin/sh\n`);
        expect(await prepared?.run(listen, never)).toBe(0);
        expect(words).toEqual(["2002\n"]);
      } finally {
        await writeFile(passwd, before);
      }
    });

    tryIt("has nothing ready for a user that is not there yet", async () => {
      expect(await prepare(jail(), shell("true", { user: "tomorrow" }))).toBeUndefined();
    });

    tryIt("is canceled as run is", async () => {
      const of = jail();
      const abort = new AbortController();
      const prepared = await prepare(of, shell("echo begun; sleep 1000"));
      const code = codeOf(prepared?.run(() => abort.abort(), abort.signal) ?? Promise.resolve());
      expect(await code).toBe("canceled");
      expect(await subject.leftovers(of.name)).toEqual([]);
    });
  });

  describe(`${name}: start`, () => {
    test("keeps output and exit status in the directory", async () => {
      const where = await directory();
      const of = jail();
      const started = await subject.runtime.start(of, shell("echo out; echo err >&2; exit 7"), where);
      expect(await started.exited).toBe(7);
      expect(await text(where, "stdout")).toBe("out\n");
      expect(await text(where, "stderr")).toBe("err\n");
      expect((await text(where, "exit")).trim()).toBe("7");
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("a process that ends at once still gives its status", async () => {
      for (const status of [0, 1, 127]) {
        const started = await subject.runtime.start(jail(), shell(`exit ${status}`), await directory());
        expect(await started.exited).toBe(status);
      }
    });

    test("lists the jail as long as it runs, to its own runtime only", async () => {
      const of = jail();
      const where = await directory();
      await subject.runtime.start(of, shell("echo up; sleep 1000"), where);
      const names = async (runtime: Runtime) => (await runtime.list()).map((each) => each.name);
      expect(await names(subject.runtime)).toContain(of.name);
      expect(await names(subject.restarted())).toContain(of.name);
      expect(await names(subject.stranger)).not.toContain(of.name);
      await subject.runtime.stop(of.name, 5_000);
      expect(await names(subject.runtime)).not.toContain(of.name);
    });

    test("refuses a jail that runs already, which runs on", async () => {
      const of = jail();
      const where = await directory();
      const started = await subject.runtime.start(
        of,
        shell("trap 'exit 5' TERM; echo up; while :; do usleep 5000; done"),
        where,
      );
      await said(where, "up");
      expect(await codeOf(subject.runtime.start(of, shell("true"), await directory()))).toBe("conflict");
      await started.signal("SIGTERM");
      expect(await started.exited).toBe(5);
    });

    test("of two starts of one jail at once, one wins and the other is told", async () => {
      const of = jail();
      const where = [await directory(), await directory()];
      const starts = where.map((each) => subject.runtime.start(of, shell("sleep 1000"), each));
      expect((await Promise.all(starts.map(codeOf))).sort()).toEqual(["conflict", "none"]);
      expect((await subject.runtime.list()).map((each) => each.name)).toContain(of.name);
    });

    test("the same name can be used again, after an end by itself and after a stop", async () => {
      const of = jail();
      for (let round = 0; round < 3; round++) {
        const started = await subject.runtime.start(of, shell("exit 4"), await directory());
        expect(await started.exited).toBe(4);
        await subject.runtime.start(of, shell("sleep 1000"), await directory());
        await subject.runtime.stop(of.name, 0);
      }
    });
  });

  describe(`${name}: signals`, () => {
    test("reach a process that handles them", async () => {
      const where = await directory();
      const script = "trap 'echo hup' HUP; trap 'echo term; exit 9' TERM; echo up; while :; do usleep 5000; done";
      const started = await subject.runtime.start(jail(), shell(script), where);
      await said(where, "up");
      await started.signal("SIGHUP");
      await said(where, "hup");
      await started.signal("SIGTERM");
      expect(await started.exited).toBe(9);
      expect(await text(where, "stdout")).toBe("up\nhup\nterm\n");
    });

    test("end a first process that does not handle them, with the signal's own status", async () => {
      for (const [signal, status] of [
        ["SIGTERM", 143],
        ["SIGINT", 130],
        ["SIGUSR1", 138],
        ["SIGKILL", 137],
      ] as const) {
        const number = status === 138 ? 128 + (process.platform === "freebsd" ? 30 : 10) : status;
        const where = await directory();
        const started = await subject.runtime.start(jail(), shell("", { argv: ["sleep", "1000"] }), where);
        await started.signal(signal);
        expect(await started.exited).toBe(number);
        expect((await text(where, "exit")).trim()).toBe(String(number));
      }
    });

    test("leave a process alone that ignores them, or whose default is to ignore them", async () => {
      const where = await directory();
      const of = jail();
      const script = "trap '' TERM; echo up; until [ -e /tmp/leave ]; do usleep 5000; done; exit 6";
      await rm(join(subject.root, "tmp/leave"), { force: true });
      const started = await subject.runtime.start(of, shell(script), where);
      await said(where, "up");
      await started.signal("SIGTERM");
      await started.signal("SIGWINCH");
      await writeFile(join(subject.root, "tmp/leave"), "");
      expect(await started.exited).toBe(6);
    });

    test("to a process that has ended do nothing", async () => {
      const started = await subject.runtime.start(jail(), shell("exit 0"), await directory());
      await started.exited;
      await started.signal("SIGKILL");
      expect(await started.exited).toBe(0);
    });
  });

  describe(`${name}: exec`, () => {
    test("starts a further process in the running jail, with a user and directory of its own", async () => {
      const of = jail();
      await subject.runtime.start(of, shell("touch /tmp/first; sleep 1000"), await directory());
      const where = await directory();
      const process = shell("hostname; id -u; pwd; echo $X; exit 12", {
        user: "app",
        cwd: "/tmp",
        env: [PATH, "X=y z"],
      });
      const started = await subject.runtime.exec(of, process, where);
      expect(await started.exited).toBe(12);
      expect(await text(where, "stdout")).toBe("tester\n1000\n/tmp\ny z\n");
    });

    test("a signal ends its process alone", async () => {
      const of = jail();
      const first = await subject.runtime.start(of, shell("echo up; sleep 1000"), await directory());
      const where = await directory();
      const started = await subject.runtime.exec(of, shell("", { argv: ["sleep", "1000"] }), where);
      await started.signal("SIGTERM");
      expect(await started.exited).toBe(143);
      expect((await subject.runtime.list()).map((each) => each.name)).toContain(of.name);
      await first.signal("SIGKILL");
      expect(await first.exited).toBe(137);
    });

    test("refuses a jail that does not run, and programs that are not there", async () => {
      const of = jail();
      expect(await codeOf(subject.runtime.exec(of, shell("true"), await directory()))).toBe("conflict");
      await subject.runtime.start(of, shell("sleep 1000"), await directory());
      const where = await directory();
      expect(await codeOf(subject.runtime.exec(of, shell("", { argv: ["nosuch"] }), where))).toBe("not-found");
      expect(await codeOf(subject.runtime.exec(of, shell("", { argv: ["/etc/group"] }), where))).toBe("invalid");
      expect(await codeOf(subject.runtime.exec(of, shell("", { user: "nosuch" }), where))).toBe("invalid");
      expect(await readdir(where)).toEqual([]);
      await subject.runtime.stop(of.name, 0);
      expect(await codeOf(subject.runtime.exec(of, shell("true"), await directory()))).toBe("conflict");
    });
  });

  describe(`${name}: adopt`, () => {
    test("finds a running process again: its end, its signals, its output", async () => {
      const of = jail();
      const where = await directory();
      await subject.runtime.start(
        of,
        shell("trap 'echo bye; exit 8' TERM; echo up; while :; do usleep 5000; done"),
        where,
      );
      await said(where, "up");
      const adopted = await subject.restarted().adopt(of.name, where);
      await adopted?.signal("SIGTERM");
      expect(await adopted?.exited).toBe(8);
      expect(await text(where, "stdout")).toBe("up\nbye\n");
    });

    test("gives the status of a process that has ended meanwhile", async () => {
      const of = jail();
      const where = await directory();
      await (await subject.runtime.start(of, shell("exit 21"), where)).exited;
      const adopted = await subject.restarted().adopt(of.name, where);
      expect(await adopted?.exited).toBe(21);
    });

    test("finds further processes, too", async () => {
      const of = jail();
      await subject.runtime.start(of, shell("sleep 1000"), await directory());
      const where = await directory();
      await subject.runtime.exec(of, shell("", { argv: ["sleep", "1000"] }), where);
      const adopted = await subject.restarted().adopt(of.name, where);
      await adopted?.signal("SIGINT");
      expect(await adopted?.exited).toBe(130);
    });

    test("finds nothing in an empty directory, or in one that is not there", async () => {
      const where = await directory();
      expect(await subject.runtime.adopt(jail().name, where)).toBeUndefined();
      expect(await subject.runtime.adopt(jail().name, join(where, "nosuch"))).toBeUndefined();
    });

    test("removes a jail whose supervisor was killed without a trace", async () => {
      const of = jail();
      const where = await directory();
      const started = await subject.runtime.start(of, shell("sleep 1000"), where);
      process.kill(Number((await text(where, "supervisor")).split("\n")[0]), "SIGKILL");
      expect(await started.exited).toBe(137);
      expect(await subject.restarted().adopt(of.name, where)).toBeUndefined();
      expect(await subject.leftovers(of.name)).toEqual([]);
    });
  });

  describe(`${name}: stop`, () => {
    test("lets processes end by SIGTERM and waits for them", async () => {
      const of = jail();
      const where = await directory();
      const script = "trap 'usleep 100000; echo saved; exit 0' TERM; echo up; while :; do usleep 5000; done";
      const started = await subject.runtime.start(of, shell(script), where);
      await said(where, "up");
      await subject.runtime.stop(of.name, 10_000);
      expect(await text(where, "stdout")).toBe("up\nsaved\n");
      expect((await text(where, "exit")).trim()).toBe("0");
      expect(await started.exited).toBe(0);
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("loses no time on a first process that does not handle SIGTERM", async () => {
      const of = jail();
      const where = await directory();
      const started = await subject.runtime.start(of, shell("", { argv: ["sleep", "1000"] }), where);
      await subject.runtime.stop(of.name, 60_000_000);
      expect(await started.exited).toBe(143);
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("kills what ignores SIGTERM after the timeout, descendants included", async () => {
      const of = jail();
      const where = await directory();
      const script = "trap '' TERM; (sleep 1000 &) ; setsid sleep 1000 & echo up; while :; do usleep 5000; done";
      const started = await subject.runtime.start(of, shell(script), where);
      await said(where, "up");
      await subject.runtime.stop(of.name, 50);
      expect(await started.exited).toBe(137);
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("ends further processes, whose status is recorded", async () => {
      const of = jail();
      await subject.runtime.start(of, shell("sleep 1000"), await directory());
      const where = await directory();
      const further = await subject.runtime.exec(of, shell("", { argv: ["sleep", "1000"] }), where);
      await subject.runtime.stop(of.name, 10_000);
      expect(await further.exited).toBe(143);
    });

    test("does nothing without a jail, and may be asked several times at once", async () => {
      const of = jail();
      await subject.runtime.stop(of.name, 10_000);
      await subject.runtime.start(of, shell("sleep 1000"), await directory());
      await Promise.all([1_000, 0, 10_000].map((timeout) => subject.runtime.stop(of.name, timeout)));
      expect(await subject.leftovers(of.name)).toEqual([]);
    });

    test("of one jail leaves the others alone", async () => {
      const [one, other] = [jail(), jail()];
      await subject.runtime.start(one, shell("sleep 1000"), await directory());
      await subject.runtime.start(other, shell("sleep 1000"), await directory());
      await subject.stranger.stop(other.name, 0);
      await subject.runtime.stop(one.name, 1_000);
      expect((await subject.runtime.list()).map((each) => each.name)).toContain(other.name);
    });
  });
}
