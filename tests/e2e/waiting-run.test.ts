import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createRunningInstallation, type Installation } from "../installation.ts";
import { begin, directoryWith, until } from "./command.ts";

let installation: Installation;
beforeAll(async () => {
  installation = await createRunningInstallation();
});
afterAll(() => installation[Symbol.asyncDispose]());

test("containers can be removed while a build runs one instruction and the next one waits for it", async () => {
  const container = await installation.ok("create", "base", "true");
  const context = await directoryWith(installation, "waiting", {
    Dockerfile: "FROM base\nRUN sleep 1000\nRUN true\n",
  });
  const build = begin(installation, ["build", "-t", "waiting", context]);
  const jails = () => readdir(join(installation.runDirectory, "runc")).catch(() => []);
  await until("the next instruction's jail is there", async () => (await jails()).length === 2);
  expect(await installation.ok("rm", container)).toBe(container);
  build.kill("SIGINT");
  await build.ended;
  await until("the build has been cleaned up", async () => (await jails()).length === 0);
});
