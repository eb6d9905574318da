import { describe, expect, test } from "bun:test";
import { isThisMachine, origin, parseAddress } from "../../../src/client/address.ts";

describe("an address is", () => {
  test.each<[string, ReturnType<typeof parseAddress>["at"], boolean, string, boolean]>([
    ["http:///var/run/kleened.sock", { kind: "unix", path: "/var/run/kleened.sock" }, false, "http://localhost", true],
    ["https:///tmp/a b.sock", { kind: "unix", path: "/tmp/a b.sock" }, true, "https://localhost", true],
    ["http://127.0.0.1:8085", { kind: "tcp", host: "127.0.0.1", port: 8085 }, false, "http://127.0.0.1:8085", true],
    ["http://localhost:80/", { kind: "tcp", host: "localhost", port: 80 }, false, "http://localhost:80", true],
    [
      "https://box.example:443",
      { kind: "tcp", host: "box.example", port: 443 },
      true,
      "https://box.example:443",
      false,
    ],
    ["http://[::1]:8085", { kind: "tcp", host: "::1", port: 8085 }, false, "http://[::1]:8085", true],
    [
      "http://127.example.org:1",
      { kind: "tcp", host: "127.example.org", port: 1 },
      false,
      "http://127.example.org:1",
      false,
    ],
  ])("%s", (text, at, tls, prefix, local) => {
    const address = parseAddress(text);
    expect(address).toEqual({ text, at, tls });
    expect(origin(address)).toBe(prefix);
    expect(isThisMachine(address)).toBe(local);
  });
});

test.each([
  "",
  "/var/run/kleened.sock",
  "unix:///x",
  "http://",
  "http:///",
  "http://host",
  "http://host:0",
  "http://host:65536",
  "http://host:port",
  "http://user@host:80",
  "http://host:80/path",
])("%p is no address", (text) => {
  expect(() => parseAddress(text)).toThrow("the address");
});
