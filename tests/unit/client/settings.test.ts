import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientSettings } from "../../../src/client/settings.ts";

const home = mkdtempSync(join(tmpdir(), "kleene-settings-"));
const HOME = join(home, "empty");
afterAll(() => rmSync(home, { recursive: true }));

const DEFAULT = "http:///var/run/kleened.sock";
const OTHER = "http:///tmp/other.sock";

describe("the daemon's address", () => {
  test.each<[string, object, object, string]>([
    ["is the usual socket", {}, {}, DEFAULT],
    ["comes from KLEENE_HOST", {}, { KLEENE_HOST: OTHER }, OTHER],
    ["comes from KLEE_HOST", {}, { KLEE_HOST: OTHER }, OTHER],
    ["comes from KLEENE_HOST rather than KLEE_HOST", {}, { KLEE_HOST: DEFAULT, KLEENE_HOST: OTHER }, OTHER],
    ["comes from the command line first", { host: OTHER }, { KLEENE_HOST: DEFAULT }, OTHER],
    ["ignores an empty variable", {}, { KLEENE_HOST: "" }, DEFAULT],
  ])("%s", (_, flags, environment, address) => {
    expect(clientSettings(flags, { HOME, ...environment }).address.text).toBe(address);
  });
});

describe("a daemon is started", () => {
  test.each<[string, object, object, boolean]>([
    ["where nobody chose one", {}, {}, true],
    ["not where KLEENE_AUTOSTART=0", {}, { KLEENE_AUTOSTART: "0" }, false],
    ["not with --no-autostart", { autostart: false }, {}, false],
    ["not where a host was chosen", { host: OTHER }, {}, false],
    ["not where a variable chose the host", {}, { KLEENE_HOST: OTHER }, false],
    ["on a chosen socket with KLEENE_AUTOSTART=1", {}, { KLEENE_HOST: OTHER, KLEENE_AUTOSTART: "1" }, true],
    ["never over TCP", { host: "http://localhost:1", autostart: true }, {}, false],
  ])("%s", (_, flags, environment, expected) => {
    expect(clientSettings(flags, { HOME, ...environment }).autostart).toBe(expected);
  });

  test("and a variable that is neither is refused", () => {
    expect(() => clientSettings({}, { HOME, KLEENE_AUTOSTART: "maybe" })).toThrow(
      "KLEENE_AUTOSTART is 1 or 0, not maybe",
    );
  });
});

describe("a configuration file", () => {
  const file = join(home, "client.yaml");
  const environment = { HOME, KLEENE_CLIENT_CONFIG: file };

  test("gives what nobody else says", () => {
    writeFileSync(file, "host: http:///tmp/file.sock\ntheme: fancy\n");
    expect(clientSettings({}, environment).address.text).toBe("http:///tmp/file.sock");
    expect(clientSettings({}, environment).autostart).toBe(false);
    expect(clientSettings({ host: OTHER }, environment).address.text).toBe(OTHER);
  });

  test("is looked for at home", () => {
    mkdirSync(join(home, ".klee"));
    writeFileSync(join(home, ".klee", "klee_config.yaml"), `host: ${OTHER}\n`);
    expect(clientSettings({}, { HOME: home }).address.text).toBe(OTHER);
  });

  test("may be empty", () => {
    writeFileSync(file, "");
    expect(clientSettings({}, environment).address.text).toBe(DEFAULT);
  });

  test.each([
    ["hots: x\n", "hots"],
    ["host: 1\n", "host"],
    ["host: [\n", "cannot use the client's configuration"],
  ])("with %p is refused by name", (text, said) => {
    writeFileSync(file, text);
    expect(() => clientSettings({}, environment)).toThrow(file);
    expect(() => clientSettings({}, environment)).toThrow(said);
  });
});

describe("TLS", () => {
  const pem = join(home, "ca.pem");
  writeFileSync(pem, "PEM");

  test("verifies unless told otherwise, and reads its files", () => {
    const flags = { host: "https://box:1", tlscacert: pem };
    expect(clientSettings(flags, { HOME }).tls).toEqual({ verify: true, ca: "PEM" });
    expect(clientSettings(flags, { HOME, KLEE_TLS_VERIFY: "false" }).tls?.verify).toBe(false);
    expect(clientSettings({ ...flags, tlsverify: true }, { HOME, KLEENE_TLSVERIFY: "0" }).tls?.verify).toBe(true);
  });

  test("needs certificate and key together, and says which file is missing", () => {
    expect(() => clientSettings({ host: "https://box:1", tlscert: pem }, { HOME })).toThrow("need one another");
    expect(() => clientSettings({ host: "https://box:1", tlscacert: "/none.pem" }, { HOME })).toThrow(
      "cannot read the authority's certificate",
    );
  });

  test("is not touched for a plain socket", () => {
    expect(clientSettings({ tlscacert: "/none.pem" }, { HOME }).tls).toBeUndefined();
  });
});
