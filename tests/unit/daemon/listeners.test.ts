import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiServer, serve } from "../../../src/api/server.ts";
import { Streams } from "../../../src/api/websocket.ts";
import type { ListeningSocket } from "../../../src/daemon/config-file.ts";
import { claim, listen, planListener } from "../../../src/daemon/listeners.ts";
import { claimSocket } from "../../../src/daemon/unix-socket.ts";
import { Activity } from "../../../src/engine/activity.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kleene-listen-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const api: ApiServer = serve({ fetch: () => new Response("hello") }, new Streams({}, new Activity()));
const socketAt = (address: string, more: Partial<ListeningSocket> = {}): ListeningSocket => ({
  address,
  tlsverify: false,
  insecure: false,
  ...more,
});
const ask = async (path: string) => await (await fetch("http://localhost/", { unix: path })).text();

describe.if(process.getuid?.() === 0)("a unix socket", () => {
  test("answers, is open to root and its group alone, and is gone afterwards", async () => {
    const path = join(directory, "a.sock");
    const listener = listen(planListener(socketAt(`http://${path}`)), api);
    const { mode, uid, gid } = statSync(path);
    expect((mode & 0o777).toString(8)).toBe("660");
    expect([uid, gid]).toEqual([0, 0]);
    expect(await ask(path)).toBe("hello");
    await listener.stop();
    expect(existsSync(path)).toBe(false);
  });

  test("answers what it cannot read without showing its source", async () => {
    const path = join(directory, "a.sock");
    const listener = listen(planListener(socketAt(`http://${path}`)), {
      ...api,
      fetch: () => {
        throw new Error("a defect of ours");
      },
    });
    const answer = async (host: string) => {
      const response = await fetch("http://localhost/", { unix: path, headers: { Host: host } });
      return [response.status, await response.json()];
    };
    expect(await answer("a b/c")).toEqual([400, { code: "invalid", message: "the request's Host is malformed" }]);
    const hidden = { code: "internal", message: "internal error; the daemon's log tells more" };
    expect(await answer("localhost")).toEqual([500, hidden]);
    await listener.cut();
  });

  test("leaves the umask as it was", async () => {
    const before = process.umask();
    const listener = listen(planListener(socketAt(`http://${join(directory, "a.sock")}`)), api);
    expect(process.umask()).toBe(before);
    await listener.cut();
  });

  test("once withdrawn is found by nobody, and those who found it are served", async () => {
    const path = join(directory, "a.sock");
    const listener = listen(planListener(socketAt(`http://${path}`)), api);
    const { promise: answered, resolve } = Promise.withResolvers<string>();
    const connection = await Bun.connect({
      unix: path,
      socket: { data: (_, chunk) => resolve(chunk.toString()) },
    });
    listener.withdraw();
    expect(existsSync(path)).toBe(false);
    connection.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await answered).toContain("hello");
    connection.end();
    await listener.cut();
  });
});

describe("claiming a socket", () => {
  test("removes one that a dead daemon left", async () => {
    const path = join(directory, "stale.sock");
    const script = `Bun.serve({ unix: ${JSON.stringify(path)}, fetch: () => new Response() }); process.kill(process.pid, "SIGKILL")`;
    Bun.spawnSync([process.execPath, "-e", script]);
    expect(existsSync(path)).toBe(true);
    using _ = await claimSocket(path);
    expect(existsSync(path)).toBe(false);
  });

  test("is refused while a daemon answers there, and the daemon keeps it", async () => {
    const path = join(directory, "live.sock");
    const server = Bun.serve({ unix: path, fetch: () => new Response("other") });
    await expect(claimSocket(path)).rejects.toMatchObject({
      code: "conflict",
      message: `a daemon is already running on ${path}`,
    });
    expect(await ask(path)).toBe("other");
    await server.stop(true);
  });

  test("is refused when another process has it and does not answer in time", async () => {
    const path = join(directory, "a.sock");
    using _ = await claimSocket(path);
    await expect(claimSocket(path, 0)).rejects.toMatchObject({ code: "conflict" });
  });

  test("waits for a daemon that is ending", async () => {
    const path = join(directory, "a.sock");
    const before = await claimSocket(path);
    const claimed = claimSocket(path);
    before.release();
    (await claimed).release();
  });

  test("is refused where something else lies, which stays", async () => {
    const path = join(directory, "file");
    writeFileSync(path, "mine");
    await expect(claimSocket(path)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("not a socket"),
    });
    expect(existsSync(path)).toBe(true);
  });

  test("is refused for a path that no kernel takes", async () => {
    await expect(claimSocket(join(directory, "x".repeat(120)))).rejects.toMatchObject({ code: "invalid" });
  });

  test("makes the directory", async () => {
    const path = join(directory, "new", "a.sock");
    using _ = await claimSocket(path);
    expect((statSync(join(directory, "new")).mode & 0o777).toString(8)).toBe("755");
  });
});

describe("a TCP address", () => {
  test("that other machines reach needs TLS or the word insecure", () => {
    for (const address of ["http://0.0.0.0:8085", "http://192.0.2.1:8085", "http://[::]:8085"]) {
      expect(() => planListener(socketAt(address))).toThrow("insecure: true");
      expect(planListener(socketAt(address, { insecure: true })).address.text).toBe(address);
    }
  });

  test("of this machine needs neither", () => {
    for (const address of ["http://127.0.0.1:8085", "http://localhost:8085", "http://[::1]:8085"]) {
      expect(planListener(socketAt(address)).tls).toBeUndefined();
    }
  });

  test("needs no claim", async () => {
    expect(await claim(planListener(socketAt("http://127.0.0.1:8085")))).toBeUndefined();
  });

  test("that is taken is told by name", async () => {
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const address = `http://127.0.0.1:${other.port}`;
    expect(() => listen(planListener(socketAt(address)), api)).toThrow(`cannot listen on ${address}`);
    await other.stop(true);
  });
});

describe("TLS", () => {
  test("needs a certificate and a key", () => {
    expect(() => planListener(socketAt("https://h:1"))).toThrow("https://h:1 needs tlscert");
    const tlscert = join(directory, "cert.pem");
    writeFileSync(tlscert, "");
    expect(() => planListener(socketAt("https://h:1", { tlscert }))).toThrow("https://h:1 needs tlskey");
    expect(() => planListener(socketAt("https://h:1", { tlscert: "/nosuch", tlskey: "/nosuch" }))).toThrow("tlscert");
  });

  test("with tlsverify needs the authority of the clients' certificates", () => {
    const [tlscert, tlskey] = [join(directory, "c"), join(directory, "k")];
    writeFileSync(tlscert, "c");
    writeFileSync(tlskey, "k");
    expect(() => planListener(socketAt("https://h:1", { tlscert, tlskey, tlsverify: true }))).toThrow("tlscacert");
    expect(planListener(socketAt("https://h:1", { tlscert, tlskey })).tls).toMatchObject({ requestCert: false });
  });
});
