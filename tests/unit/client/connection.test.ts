import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "../../../src/client/address.ts";
import { connect, pathOf } from "../../../src/client/connection.ts";
import { connectionFailure } from "../../../src/client/connection-failure.ts";
import { inspectImage, removeImage, tagImage } from "../../../src/client/image.ts";

const directory = mkdtempSync(join(tmpdir(), "kleene-connection-"));
const socket = join(directory, "daemon.sock");
let answer = () => new Response("{}");
let asked = "";
const server = Bun.serve({
  unix: socket,
  fetch: (request) => {
    const { pathname, search } = new URL(request.url);
    asked = `${request.method} ${pathname}${search}`;
    return answer();
  },
});
afterAll(async () => {
  await server.stop(true);
  rmSync(directory, { recursive: true });
});
const connection = connect({ address: parseAddress(`http://${socket}`), tls: undefined, autostart: false });

describe("a name in a path", () => {
  test.each([
    ["base", "base"],
    ["ghcr.io/org/name:tag@0123456789ab", "ghcr.io/org/name:tag@0123456789ab"],
    ["a b?c#d%e", "a%20b%3Fc%23d%25e"],
  ])("%s", (name, path) => {
    expect(pathOf(name)).toBe(path);
  });

  test.each(["", ".", "..", "../containers/x", "a/../b", "a//b", "/a"])("%p cannot lead elsewhere", (name) => {
    expect(() => pathOf(name)).toThrow("name");
  });

  test("reaches the daemon as it is", async () => {
    answer = () => Response.json({ id: "0123456789ab" });
    await tagImage(connection, "org/name:1", "web:v 2+x");
    expect(asked).toBe("POST /images/org/name:1/tag?nametag=web%3Av+2%2Bx");
  });
});

describe("an answer", () => {
  test.each<[string, Response, string, string]>([
    ["with a code", Response.json({ message: "two fit", code: "ambiguous" }, { status: 404 }), "ambiguous", "two fit"],
    ["of Kleened's", Response.json({ message: "image not found" }, { status: 404 }), "not-found", "image not found"],
    ["with an unknown code", Response.json({ message: "m", code: "new" }, { status: 409 }), "conflict", "m"],
    ["that is no JSON", new Response("<html>", { status: 502 }), "internal", "the daemon answered with status 502"],
    ["that is a success but no JSON", new Response("hello"), "unavailable", "not one of Kleene's daemon"],
  ])("%s is an error", async (_, response, code, message) => {
    answer = () => response;
    const error = await inspectImage(connection, "base").catch((failure) => failure);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  test("without a body is nothing", async () => {
    answer = () => new Response(null, { status: 204 });
    expect(await connection.request("POST", "/x")).toBeUndefined();
  });

  test("gives the removed image's ID", async () => {
    answer = () => Response.json({ id: "0123456789ab" });
    expect(await removeImage(connection, "base")).toBe("0123456789ab");
    expect(asked).toBe("DELETE /images/base");
  });
});

describe("a connection that cannot be made", () => {
  const unix = parseAddress("http:///var/run/kleened.sock");
  const failure = (code: string, address = unix) =>
    connectionFailure(Object.assign(new Error("it failed"), { code }), address);

  test("for want of rights tells what to do, and starts nothing", () => {
    expect(failure("EACCES")).toMatchObject({
      absent: false,
      error: {
        code: "permission",
        message: "permission denied on /var/run/kleened.sock: run as root, or be in its group",
      },
    });
  });

  test("for want of trust says so", () => {
    const tls = parseAddress("https://box:1");
    const message = (code: string) => failure(code, tls)?.error.message;
    expect(message("ERR_TLS_CERT_ALTNAME_INVALID")).toContain("its certificate is another host's");
    expect(message("UNABLE_TO_VERIFY_LEAF_SIGNATURE")).toBe("cannot trust the daemon on https://box:1: it failed");
  });

  test("because nobody listens may start a daemon, on a unix socket only", () => {
    expect(failure("ENOENT")?.absent).toBe(true);
    expect(failure("ECONNREFUSED")?.absent).toBe(true);
    expect(failure("ECONNREFUSED", parseAddress("http://localhost:1"))?.absent).toBe(false);
    expect(failure("ECONNRESET")?.absent).toBe(false);
  });
});
