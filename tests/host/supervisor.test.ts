import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executor } from "../../src/host/exec.ts";
import { adoptSupervised, recordedExit, recordKillAs, startSupervised } from "../../src/platform/supervisor.ts";

const base = await mkdtemp(join(tmpdir(), "kltest-supervisor-"));
afterAll(() => rm(base, { recursive: true, force: true }));
const directory = () => mkdtemp(join(base, "a b'c\"$-"));
const text = (where: string, file: string) => readFile(join(where, file), "utf8");

test("output, status and the second command's effect are there when it has ended", async () => {
  const where = await directory();
  const words = ["a b", "$(id)", "`id`", "'\"\\", "", "*"];
  const { exited } = startSupervised(executor, {
    directory: where,
    argv: ["sh", "-c", 'printf "<%s>" "$@"; echo err >&2; exit 3', "x", ...words],
    after: ["sh", "-c", 'd=$1; shift; printf "<%s>" "$@" >"$d/after"', "x", where, ...words],
  });
  expect(await exited).toBe(3);
  const printed = words.map((word) => `<${word}>`).join("");
  expect(await text(where, "stdout")).toBe(printed);
  expect(await text(where, "stderr")).toBe("err\n");
  expect(await text(where, "after")).toBe(printed);
  expect(await recordedExit(where)).toBe(3);
});

test("the second command has run before the status is there", async () => {
  const where = await directory();
  const after = ["sh", "-c", '[ -e "$1/exit" ] || echo first >"$1/order"', "x", where] as const;
  await startSupervised(executor, { directory: where, argv: ["true"], after }).exited;
  expect(await text(where, "order")).toBe("first\n");
});

test("output is appended to what is there", async () => {
  const where = await directory();
  await writeFile(join(where, "stdout"), "before\n");
  await startSupervised(executor, { directory: where, argv: ["echo", "after"] }).exited;
  expect(await text(where, "stdout")).toBe("before\nafter\n");
});

test("signals to the supervisor neither end it nor reach the command as ignored", async () => {
  const where = await directory();
  await using _ = { [Symbol.asyncDispose]: () => rm(join(base, "go"), { force: true }) };
  const script = 'trap "echo term; exit 4" TERM; echo $$; until [ -e "$1" ]; do sleep 0.01; done';
  const { pid, exited } = startSupervised(executor, {
    directory: where,
    argv: ["sh", "-c", script, "x", join(base, "go")],
  });
  let command = "";
  while (!command.endsWith("\n")) command = await text(where, "stdout").catch(() => "");
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.kill(pid, signal);
  process.kill(Number(command), "SIGTERM");
  expect(await exited).toBe(4);
  expect(await recordedExit(where)).toBe(4);
});

test("a kill can be recorded as another signal's; only a kill", async () => {
  const [killed, ended] = [await directory(), await directory()];
  await recordKillAs(killed, 143);
  await recordKillAs(ended, 143);
  expect(await startSupervised(executor, { directory: killed, argv: ["sh", "-c", "kill -9 $$"] }).exited).toBe(143);
  expect(await startSupervised(executor, { directory: ended, argv: ["sh", "-c", "exit 5"] }).exited).toBe(5);
  expect(await recordedExit(killed)).toBe(143);
});

test("another daemon finds a running supervisor, its end, and its end after the fact", async () => {
  const where = await directory();
  const go = join(where, "go");
  const argv = ["sh", "-c", 'until [ -e "$1" ]; do sleep 0.01; done; exit 6', "x", go] as const;
  const started = startSupervised(executor, { directory: where, argv });
  while ((await text(where, "supervisor").catch(() => "")) === "") await Bun.sleep(1);
  const adopted = await adoptSupervised(executor, where);
  expect(adopted?.pid).toBe(started.pid);
  await writeFile(go, "");
  expect(await adopted?.exited).toBe(6);
  await started.exited;
  expect(await (await adoptSupervised(executor, where))?.exited).toBe(6);
});

test("a supervisor that was killed while adopted counts as killed", async () => {
  const where = await directory();
  const started = startSupervised(executor, { directory: where, argv: ["sleep", "1000"] });
  while ((await text(where, "supervisor").catch(() => "")) === "") await Bun.sleep(1);
  const adopted = await adoptSupervised(executor, where);
  const children = await text(`/proc/${started.pid}/task/${started.pid}`, "children");
  process.kill(started.pid, "SIGKILL");
  expect(await adopted?.exited).toBe(137);
  for (const pid of children.trim().split(" ").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
});

test("a process that has got the supervisor's number since is not taken for it", async () => {
  const where = await directory();
  await writeFile(join(where, "supervisor"), `${process.pid}\n`);
  expect(await adoptSupervised(executor, where)).toBeUndefined();
});

test("a half-written status is none", async () => {
  const where = await directory();
  expect(await recordedExit(where)).toBeUndefined();
  for (const half of ["", "1", "x\n"]) {
    await writeFile(join(where, "exit"), half);
    expect(await recordedExit(where)).toBeUndefined();
  }
});
