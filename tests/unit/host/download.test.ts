import { describe, expect, test } from "bun:test";
import { downloadFile, withoutPassword } from "../../../src/host/download.ts";

describe("withoutPassword", () => {
  test.each([
    ["https://user:secret@host/path", "https://host/path"],
    ["https://user:p@ss@host:8080", "https://host:8080"],
    ["https://host/a@b?c@d", "https://host/a@b?c@d"],
    ["/path/a@b", "/path/a@b"],
  ])("%s is shown as %s", (url, shown) => {
    expect(withoutPassword(url)).toBe(shown);
  });
});

test("a failed download does not tell the password in its URL", async () => {
  using server = Bun.serve({ port: 0, fetch: () => new Response("no", { status: 404 }) });
  const url = `http://user:secret@127.0.0.1:${server.port}/x`;
  const failure = await downloadFile(url, "/nonexistent/file").catch((error: unknown) => error);
  expect(String(failure)).toContain("the server answered 404");
  expect(String(failure)).not.toContain("secret");
});
