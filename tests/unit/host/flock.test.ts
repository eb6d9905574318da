import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec, spawn } from "../../../src/host/exec.ts";
import { tryLock } from "../../../src/host/flock.ts";

const directory = mkdtempSync(join(tmpdir(), "kleene-flock-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a lock has one holder at a time and can be taken again after its release", () => {
  const path = join(directory, "one");
  const first = tryLock(path);
  expect(first).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  first?.release();
  first?.release();
  using second = tryLock(path);
  expect(second).toBeDefined();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a program started by the holder does not inherit the lock, and a killed holder loses it", async () => {
  const path = join(directory, "crash");
  const script = `
    const { tryLock } = await import(${JSON.stringify(join(import.meta.dir, "../../../src/host/flock.ts"))});
    const { spawn } = await import(${JSON.stringify(join(import.meta.dir, "../../../src/host/exec.ts"))});
    const lock = tryLock(${JSON.stringify(path)});
    const child = spawn(["sleep", "60"], { detached: true });
    console.log(lock === undefined ? "no" : child.pid);
    setInterval(() => {}, 1000);
  `;
  const holder = spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: 2 });
  let said = "";
  for await (const chunk of holder.stdout ?? []) {
    said += new TextDecoder().decode(chunk);
    if (said.includes("\n")) break;
  }
  const child = Number(said);
  expect(child).toBeGreaterThan(0);
  try {
    expect(tryLock(path)).toBeUndefined();
    holder.kill("SIGKILL");
    expect(await holder.exited).toBe(137);
    // The kernel may tell of the end a moment before it has closed the files.
    let again = tryLock(path);
    for (; again === undefined; again = tryLock(path)) await Bun.sleep(1);
    again.release();
  } finally {
    process.kill(child, "SIGKILL");
  }
});

test("a program that keeps the lock holds it until it ends, though the holder releases it", async () => {
  const path = join(directory, "kept");
  const lock = tryLock(path);
  if (lock === undefined) throw new Error("the lock is taken");
  const gate = join(directory, "gate");
  Bun.spawnSync(["mkfifo", gate]);
  const kept = exec(["cat", gate], { keep: [lock.descriptor] });
  const writer = await open(gate, "w");
  lock.release();
  expect(tryLock(path)).toBeUndefined();
  await writer.writeFile("end");
  await writer.close();
  expect((await kept).stdout).toBe("end");
  using again = tryLock(path);
  expect(again).toBeDefined();
});
