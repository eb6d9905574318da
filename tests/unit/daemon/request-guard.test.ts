import { describe, expect, test } from "bun:test";
import { parseAddress } from "../../../src/client/address.ts";
import { refusal } from "../../../src/daemon/request-guard.ts";

const status = (address: string, url: string) => refusal({ url } as Request, parseAddress(address))?.status;

describe("on an address of this machine", () => {
  test.each(["http://localhost:8085/", "http://127.0.0.1:8085/info", "http://[::1]:8085/"])("%s is served", (url) => {
    expect(status("http://127.0.0.1:8085", url)).toBeUndefined();
  });

  test.each(["http://evil.example:8085/", "http://127.0.0.1.evil.example/", "http://localhost.evil.example/"])(
    "%s, a name that somebody else may have given it, is refused",
    (url) => {
      expect(status("http://127.0.0.1:8085", url)).toBe(403);
      expect(status("http://localhost:8085", url)).toBe(403);
    },
  );
});

test("other machines' names for the daemon are not known, and a unix socket has none", () => {
  expect(status("https://0.0.0.0:8085", "https://build.example:8085/")).toBeUndefined();
  expect(status("http:///run/kleened.sock", "http://anything/")).toBeUndefined();
});

test("a malformed host is told apart from a defect", () => {
  expect(status("http:///run/kleened.sock", "/images/list")).toBe(400);
});
