import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecFailure, ExecSpec } from "../../src/platform/freebsd/exec-spec.ts";
import { createTestRoot } from "../test-root.ts";

const HELPER = join(import.meta.dir, "jail-exec-chroot.ts");

let directory: string;
let root: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kltest-jail-exec-"));
  root = join(directory, "root");
  await createTestRoot(root);
  await writeFile(join(root, "bin/script"), '#!/bin/sh\necho "script $1"\n', { mode: 0o755 });
  await writeFile(join(root, "bin/not-executable"), "#!/bin/sh\n", { mode: 0o644 });
  await writeFile(join(root, "bin/garbage"), "\x01\x02", { mode: 0o755 });
  await writeFile(join(root, "bin/no-interpreter"), "#!/nosuch\n", { mode: 0o755 });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

let runs = 0;

async function runHelper(changes: Partial<ExecSpec>) {
  const specFile = join(directory, `spec-${++runs}`);
  const pidFile = join(directory, `pid-${runs}`);
  const spec: ExecSpec = {
    jail: root,
    argv: ["true"],
    env: ["PATH=/usr/bin:/bin"],
    uid: 0,
    gid: 0,
    groups: [],
    cwd: "/",
    pidFile,
    ...changes,
  };
  writeFileSync(specFile, JSON.stringify(spec), { mode: 0o600 });
  const fd = openSync(specFile, "r");
  const child = Bun.spawn([process.execPath, HELPER, spec.jail, specFile], {
    env: { PATH: "/host", LD_SECRET: "of the host" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  const left = readFileSync(fd, "utf8");
  return {
    stdout,
    stderr,
    status: child.exitCode,
    signal: child.signalCode,
    failure: left === "" ? undefined : (JSON.parse(left) as ExecFailure),
    specFile,
    pid: child.pid,
    pidFile,
  };
}

describe("the helper", () => {
  test("becomes the process: same process ID, its exit status, nothing left in the file", async () => {
    const run = await runHelper({ argv: ["sh", "-c", "echo $$; exit 42"] });
    expect(run).toMatchObject({ status: 42, stderr: "", failure: undefined });
    expect(Number(run.stdout)).toBe(run.pid);
    expect(Number(readFileSync(run.pidFile, "utf8"))).toBe(run.pid);
    expect(existsSync(run.specFile)).toBe(false);
  });

  test("takes exactly the user, the group and the supplementary groups", async () => {
    const run = await runHelper({ argv: ["id"], uid: 1000, gid: 1000, groups: [29, 50] });
    expect(run.stdout).toBe("uid=1000(app) gid=1000(app) groups=29(audio),50(staff)\n");
    expect((await runHelper({ argv: ["id", "-G"], uid: 4711, gid: 12 })).stdout).toBe("12\n");
  });

  test("hands on its environment and not a variable of the host's", async () => {
    const run = await runHelper({ argv: ["env"], env: ["PATH=/bin", "EMPTY=", "TEXT=ü \n=x"] });
    expect(run.stdout).toBe("PATH=/bin\nEMPTY=\nTEXT=ü \n=x\n");
  });

  test("starts in the working directory, with a umask of 022 and all words as they are", async () => {
    const words = ["", "a b", "$HOME", "ü", "-x"];
    const run = await runHelper({
      argv: ["sh", "-c", 'pwd; umask; printf "%s|" "$@"', "sh", ...words],
      cwd: "/home/app",
    });
    expect(run.stdout).toBe("/home/app\n0022\n|a b|$HOME|ü|-x|");
  });

  test("runs a script by its #! line and a program by a path relative to the working directory", async () => {
    expect((await runHelper({ argv: ["script", "x"] })).stdout).toBe("script x\n");
    expect((await runHelper({ argv: ["./script", "y"], cwd: "/bin" })).stdout).toBe("script y\n");
    expect((await runHelper({ argv: ["script", "z"], env: ["PATH=/nosuch::/bin/sh"], cwd: "/bin" })).stdout).toBe(
      "script z\n",
    );
  });

  test("has a PATH of its own where the environment has none", async () => {
    expect(await runHelper({ argv: ["true"], env: [] })).toMatchObject({ status: 0 });
  });

  test.each([
    [{ argv: ["nosuch"] }, 127, "not-found", "nosuch: no such program in the container"],
    [{ argv: ["/bin/nosuch"] }, 127, "not-found", "/bin/nosuch: no such program in the container"],
    [{ argv: [""] }, 127, "not-found", ": no such program in the container"],
    [{ argv: ["no-interpreter"] }, 127, "not-found", "no-interpreter: no such program in the container"],
    [{ argv: ["not-executable"] }, 126, "invalid", "not-executable: permission denied"],
    [{ argv: ["/bin"] }, 126, "invalid", "/bin: permission denied"],
    [{ argv: ["garbage"] }, 126, "invalid", "garbage: not a program of this system (exec format error)"],
    [{ cwd: "/nosuch" }, 126, "invalid", "the working directory /nosuch: no such directory in the container"],
    [{ cwd: "/etc/passwd" }, 126, "invalid", "the working directory /etc/passwd: not a directory"],
  ] as const)("says why it cannot run %j", async (changes, status, code, message) => {
    const run = await runHelper(changes as Partial<ExecSpec>);
    expect(run).toMatchObject({ status, stdout: "", stderr: "", failure: { code, message, status } });
  });

  test("cannot be led out by a link that is the working directory", async () => {
    await symlink(directory, join(root, "out"));
    expect((await runHelper({ cwd: "/out" })).failure?.code).toBe("invalid");
  });

  test("ends by a signal as the process would", async () => {
    expect(await runHelper({ argv: ["sh", "-c", "kill -TERM $$"] })).toMatchObject({ signal: "SIGTERM" });
  });

  test("ignores no signal, blocks none and leaves no descriptor open in the process", async () => {
    // A chroot to the host's own root, where /proc is.
    const { stdout } = await runHelper({ jail: "/", argv: ["cat", "/proc/self/status"] });
    expect(stdout).toMatch(/^SigIgn:\t0+$/m);
    expect(stdout).toMatch(/^SigBlk:\t0+$/m);
    const open = await runHelper({ jail: "/", argv: ["ls", "/proc/self/fd"] });
    expect(open.stdout).toBe("0\n1\n2\n3\n"); // 3 is the directory that ls itself reads
  });
});
