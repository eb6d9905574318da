import { describe, expect, test } from "bun:test";
import { hc } from "hono/client";
import { type Api, createApp } from "../../../src/api/app.ts";
import { openDatabase } from "../../../src/db/database.ts";
import { Activity } from "../../../src/engine/activity.ts";
import type { Engine } from "../../../src/engine/engine.ts";

const FACTS = {
  daemon: { version: "1.2.3", commit: "c", target: "t", bun: "b" },
  pid: 7,
  started: "2026-01-02T03:04:05.000000Z",
};

/** An engine with an empty database, and nothing else. */
function emptyApp() {
  const db = openDatabase(":memory:");
  return createApp({ db, activity: new Activity() } as unknown as Engine, FACTS);
}

const post = (body: unknown) => ({ method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

describe("answers", () => {
  test("/ping and /version", async () => {
    expect((await emptyApp().request("/ping")).status).toBe(200);
    expect(await (await emptyApp().request("/version")).json()).toEqual(FACTS.daemon);
  });

  test("empty lists, with a boolean in the query or not", async () => {
    for (const path of [
      "/images/list",
      "/containers/list?all=false",
      "/containers/list?all=true",
      "/containers/list",
    ]) {
      const answer = await emptyApp().request(path);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual([]);
    }
  });

  test("JSON for a path that does not exist", async () => {
    const answer = await emptyApp().request("/nosuch");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ message: "there is no GET /nosuch", code: "not-found" });
  });

  test("no web page", async () => {
    const answer = await emptyApp().request("/images/list", { headers: { Origin: "http://evil.example" } });
    expect(answer.status).toBe(403);
  });
});

describe("an object that does not exist is a 404 with a message", () => {
  const cases: [string, string][] = [
    ["GET", "/images/nosuch/inspect"],
    ["GET", "/images/ghcr.io/org/name:tag@0123456789ab/inspect"],
    ["DELETE", "/images/org/name:tag"],
    ["POST", "/images/org/name:tag/tag?nametag=new%3Atag"],
    ["GET", "/containers/nosuch/inspect"],
    ["DELETE", "/containers/nosuch"],
    ["DELETE", "/containers/nosuch?force=true"],
    ["POST", "/containers/nosuch/stop"],
    ["POST", "/containers/nosuch/stop?timeout=0.5"],
  ];
  for (const [method, path] of cases) {
    test(`${method} ${path}`, async () => {
      const answer = await emptyApp().request(path, { method });
      expect(answer.status).toBe(404);
      const body = (await answer.json()) as { message: string; code: string };
      expect(body.message).toBeString();
      expect(body.code).toBe("not-found");
    });
  }
});

describe("a wrong request keeps to the statuses that Kleened's client survives", () => {
  const cases: [string, RequestInit, RegExp][] = [
    ["/containers/create", post("{"), /not JSON/],
    ["/containers/create", post({ name: "web" }), /image/],
    ["/containers/create", post({ image: "base", network_driver: "x" }), /network_driver/],
    ["/containers/create", post({ image: "base", persist: "maybe" }), /persist/],
    ["/exec/create", post({ container_id: "../etc" }), /container_id: not a name or an ID/],
    ["/images/x/tag", { method: "POST" }, /nametag/],
    ["/containers/x/stop?timeout=soon", { method: "POST" }, /timeout/],
  ];
  for (const [path, init, message] of cases) {
    test(`${path} ${String(init.body ?? "")}`, async () => {
      const answer = await emptyApp().request(path, init);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ message: expect.stringMatching(message), code: "invalid" });
    });
  }
});

test("a path of our own answers a wrong request with its natural status", async () => {
  const answer = await emptyApp().request("/exec/0123456789ab/signal", post({ signal: "SIGNOSUCH" }));
  expect(answer.status).toBe(400);
});

test("markup is escaped for Kleened's client alone", async () => {
  const ask = async (agent: string) => {
    const answer = await emptyApp().request("/no/[/x]", { headers: { "User-Agent": agent } });
    return ((await answer.json()) as { message: string }).message;
  };
  expect(await ask("kleene")).toBe("there is no GET /no/[/x]");
  expect(await ask("python-httpx/0.27.0")).toBe("there is no GET /no/\\[/x]");
});

test("requests count as activity only while they last", async () => {
  const activity = new Activity();
  const app = createApp({ db: openDatabase(":memory:"), activity } as unknown as Engine, FACTS);
  await app.request("/images/list");
  await app.request("/images/nosuch/inspect");
  expect(activity.idleFor(Date.now() + 5_000)).toBeGreaterThan(0);
});

test("the routes are typed for Hono's client", async () => {
  const app = emptyApp();
  const api = hc<Api>("http://localhost", {
    fetch: async (input: string | URL | Request, init?: RequestInit) => app.request(String(input), init),
  });
  expect(await (await api.version.$get()).json()).toEqual(FACTS.daemon);
  const containers = await api.containers.list.$get({ query: { all: "true" } });
  expect((await containers.json()).map(({ id }) => id)).toEqual([]);
  const image = await api.images[":image{.+}"].inspect.$get({ param: { image: "org/name:tag" } });
  expect(image.status as number).toBe(404);
});
