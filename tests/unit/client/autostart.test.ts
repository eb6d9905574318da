import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { daemonEnvironment } from "../../../src/client/autostart.ts";
import { spawn } from "../../../src/host/exec.ts";

const directory = mkdtempSync(join(tmpdir(), "kleene-autostart-"));
const source = (path: string) => JSON.stringify(join(import.meta.dir, "../../../src", path));

// The executable in small: `daemon` listens, anything else is a client's request.
const script = join(directory, "main.ts");
writeFileSync(
  script,
  `
  import { appendFileSync } from "node:fs";
  import { join } from "node:path";
  const [, , command, ...rest] = process.argv;
  const host = process.env.KLEENE_TEST_HOST ?? "";
  const socket = host.slice("http://".length);
  if (command === "daemon") {
    appendFileSync(socket + ".started", process.pid + "\\n");
    if (process.env.KLEENE_TEST_FAIL) {
      console.error("kleene: the root dataset does not exist: run \`kleene init\`");
      process.exit(125);
    }
    Bun.serve({ unix: socket, fetch: () => Response.json({ arguments: rest, secret: process.env.SECRET ?? null }) });
  } else {
    const { connect } = await import(${source("client/connection.ts")});
    const { clientSettings } = await import(${source("client/settings.ts")});
    const { describeError } = await import(${source("errors.ts")});
    try {
      const connection = connect(clientSettings({ host, autostart: true }));
      console.log(JSON.stringify(await connection.request("GET", "/info")));
      process.exit(0);
    } catch (error) {
      console.log(describeError(error));
      process.exit(1);
    }
  }
`,
);

const sockets: string[] = [];
afterAll(() => {
  for (const socket of sockets) for (const pid of startedOn(socket)) killQuietly(pid);
  rmSync(directory, { recursive: true });
});

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}

function startedOn(socket: string): number[] {
  return readFileSync(`${socket}.started`, "utf8").trim().split("\n").map(Number);
}

async function client(socket: string, more: Record<string, string> = {}): Promise<{ status: number; said: string }> {
  const running = spawn([process.execPath, script, "info"], {
    env: { ...more, PATH: process.env.PATH ?? "", KLEENE_TEST_HOST: `http://${socket}`, SECRET: "s" },
    stdout: "pipe",
    stderr: 2,
  });
  const [said, status] = await Promise.all([new Response(running.stdout).text(), running.exited]);
  return { status, said: said.trim() };
}

describe("a client without a daemon", () => {
  test("starts one, ten of them at once start one", async () => {
    const socket = join(directory, "ten.sock");
    sockets.push(socket);
    const clients = await Promise.all(Array.from({ length: 10 }, () => client(socket)));
    const answer = { arguments: ["--idle-timeout", "60", "--host", `http://${socket}`], secret: null };
    for (const { status, said } of clients) {
      expect(said).toBe(JSON.stringify(answer));
      expect(status).toBe(0);
    }
    expect(startedOn(socket)).toHaveLength(1);
  });

  test("says in the daemon's own words why it does not start", async () => {
    const socket = join(directory, "fails.sock");
    sockets.push(socket);
    const { status, said } = await client(socket, { KLEENE_TEST_FAIL: "1" });
    expect(said).toBe("cannot start the daemon: the root dataset does not exist: run `kleene init`");
    expect(status).toBe(1);
  });
});

test("a daemon gets Kleene's variables and the proxies, and nothing else of a user's session", () => {
  const environment = daemonEnvironment({
    KLEENE_ROOT: "tank/kleene",
    https_proxy: "http://proxy:1",
    AWS_SECRET_ACCESS_KEY: "secret",
    PATH: "/home/me/bin",
    LD_PRELOAD: "/x.so",
  });
  expect(environment).toEqual({
    PATH: "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin",
    LC_ALL: "C",
    KLEENE_ROOT: "tank/kleene",
    https_proxy: "http://proxy:1",
  });
});
