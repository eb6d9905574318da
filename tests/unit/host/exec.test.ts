import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, errorCode } from "../../../src/errors.ts";
import { type Argv, exec, findProgram, spawn } from "../../../src/host/exec.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kleene-exec-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function failure(promise: Promise<unknown>): Promise<CommandError> {
  const error = await promise.then(() => undefined).catch((thrown: unknown) => thrown);
  if (!(error instanceof CommandError)) throw new Error(`not a CommandError: ${error}`);
  return error;
}

const sh = (script: string): Argv => ["sh", "-c", script];

describe("exec", () => {
  test("gives back both outputs whole", async () => {
    const { stdout, stderr } = await exec(sh("head -c 300000 /dev/zero | tr '\\0' x; echo é >&2"));
    expect(stdout).toBe("x".repeat(300_000));
    expect(stderr).toBe("é\n");
  });

  test("hands arguments over as they are, without a shell", async () => {
    const args = ["$(id)", "a b", "'", "*", ""];
    expect((await exec(["printf", "%s|", ...args])).stdout).toBe("$(id)|a b|'|*||");
  });

  test("runs in a clean environment, or in the given one", async () => {
    process.env.KLEENE_SECRET = "x";
    const clean = (await exec(["env"])).stdout;
    expect(clean).toContain("LC_ALL=C\n");
    expect(clean).not.toContain("KLEENE_SECRET");
    expect((await exec(["env"], { env: { A: "1" } })).stdout).toBe("A=1\n");
    delete process.env.KLEENE_SECRET;
  });

  test("feeds standard input, which is empty by default", async () => {
    expect((await exec(["cat"], { stdin: "text\n" })).stdout).toBe("text\n");
    expect((await exec(["cat"])).stdout).toBe("");
    expect((await exec(["true"], { stdin: "unread".repeat(100_000) })).stdout).toBe("");
  });

  test("works in the given directory", async () => {
    expect((await exec(["pwd"], { cwd: "/usr" })).stdout).toBe("/usr\n");
  });

  test("a failure carries the command, its exit code and what it said", async () => {
    const error = await failure(exec(sh("echo first >&2; echo second >&2; exit 3")));
    expect(error.argv).toEqual(["sh", "-c", "echo first >&2; echo second >&2; exit 3"]);
    expect(error.exitCode).toBe(3);
    expect(error.stderr).toBe("first\nsecond\n");
    expect(error.message).toBe("first");
    expect(error.timedOut).toBe(false);
  });

  test("a program that a signal ended has the exit code a shell would show", async () => {
    for (const [signal, exitCode] of [
      ["KILL", 137],
      ["TERM", 143],
      ["BUS", 128 + (process.platform === "linux" ? 7 : 10)],
    ] as const) {
      expect((await failure(exec(sh(`kill -${signal} $$`)))).exitCode).toBe(exitCode);
    }
  });

  test("a program that is not installed is a missing tool", async () => {
    for (const program of ["no-such-program", "/no/such/program", "", "/usr", "../bin/sh"]) {
      expect(await exec([program]).catch(errorCode)).toBe("missing-tool");
      expect(() => spawn([program])).toThrow("is not installed");
    }
  });

  test("ends a program that runs out of time, even when a child of its own holds the output open", async () => {
    const plain = await failure(exec(["sleep", "60"], { timeout: 50 }));
    expect(plain).toMatchObject({ timedOut: true, exitCode: 143 });
    expect(plain.message).toContain("ran out of time");
    const holding = await failure(exec(sh("sleep 20 & wait"), { timeout: 50 }));
    expect(holding.timedOut).toBe(true);
  });

  test("ends a program when its signal is raised, and starts none when it was raised before", async () => {
    const started = join(directory, "started");
    const controller = new AbortController();
    const running = exec(sh("echo up; exec sleep 60"), {
      signal: controller.signal,
      timeout: 0,
      onOutput: () => controller.abort(),
    });
    expect(await running.catch(errorCode)).toBe("canceled");
    expect(await exec(["touch", started], { signal: controller.signal }).catch(errorCode)).toBe("canceled");
    expect(existsSync(started)).toBe(false);
  });

  test("passes output on as bytes, each stream apart, instead of collecting it", async () => {
    const seen = { stdout: [] as number[], stderr: [] as number[] };
    const result = await exec(sh("printf '\\377\\000'; printf '\\376' >&2"), {
      onOutput: (stream, chunk) => void seen[stream].push(...chunk),
    });
    expect(seen).toEqual({ stdout: [255, 0], stderr: [254] });
    expect(result).toEqual({ stdout: "", stderr: "" });
  });

  test("ends the program when the one who receives its output fails", async () => {
    let pid = 0;
    const running = exec(sh("echo $$; exec sleep 60"), {
      onOutput: (_, chunk) => {
        pid = Number(new TextDecoder().decode(chunk));
        throw new Error("no more");
      },
    });
    expect(await running.catch((error: Error) => error.message)).toBe("no more");
    while (isAlive(pid)) await Bun.sleep(5);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("spawn", () => {
  test("connects descriptors and reports the exit status", async () => {
    const input = join(directory, "input");
    const output = join(directory, "output");
    await writeFile(input, "through\n");
    const [stdin, stdout] = [openSync(input, "r"), openSync(output, "w")];
    const program = spawn(sh("cat; exit 7"), { stdin, stdout });
    closeSync(stdin);
    closeSync(stdout);
    expect(await program.exited).toBe(7);
    expect(readFileSync(output, "utf8")).toBe("through\n");
    expect(program.stdout).toBeUndefined();
  });

  test("gives the piped streams, and kills", async () => {
    const program = spawn(sh("echo err >&2; echo out; exec sleep 60"), { stdout: "pipe", stderr: "pipe" });
    const first = await program.stdout?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toBe("out\n");
    program.kill("SIGKILL");
    expect(await program.exited).toBe(137);
    expect(await new Response(program.stderr).text()).toBe("err\n");
  });
});

describe("findProgram", () => {
  test("looks in the system's directories, not in the caller's PATH", async () => {
    await writeFile(join(directory, "kleene-program"), "#!/bin/sh\n", { mode: 0o755 });
    const path = process.env.PATH;
    process.env.PATH = directory;
    expect(findProgram("kleene-program")).toBeUndefined();
    expect(findProgram("sh")).toMatch(/^\/(usr\/)?s?bin\/sh$/);
    process.env.PATH = path;
  });

  test("takes an absolute path of something that can be run", async () => {
    expect(findProgram(join(directory, "kleene-program"))).toBe(join(directory, "kleene-program"));
    await writeFile(join(directory, "text"), "", { mode: 0o644 });
    expect(findProgram(join(directory, "text"))).toBeUndefined();
    expect(findProgram(directory)).toBeUndefined();
  });
});
