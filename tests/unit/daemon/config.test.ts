import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { daemonConfig } from "../../../src/daemon/config.ts";
import { defaultConfigPath, parseConfigFile } from "../../../src/daemon/config-file.ts";

const directory = mkdtempSync(join(tmpdir(), "kleene-config-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function configFile(text: string): string {
  const path = join(directory, `${Bun.hash(text)}.yaml`);
  writeFileSync(path, text);
  return path;
}

const message = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("it was accepted");
};

test("each platform has its own place for the file", () => {
  expect(defaultConfigPath("freebsd")).toBe("/usr/local/etc/kleene/config.yaml");
  expect(defaultConfigPath("linux")).toBe("/etc/kleene/config.yaml");
});

test("an empty file means the defaults", () => {
  expect(daemonConfig("linux", { config: configFile("# nothing\n") }, {})).toEqual({
    rootDataset: "zroot/kleene" as never,
    sockets: [{ address: "http:///var/run/kleened.sock", tlsverify: false, insecure: false }],
    logging: true,
    logLevel: "info",
    runDirectory: "/var/run/kleene/zroot+kleene",
  });
});

test("Kleened's keys keep their meaning", () => {
  const config = configFile(`
kleene_root: tank/jails
enable_logging: false
log_level: debug
api_listening_sockets:
  - address: "http:///tmp/a.sock"
  - address: "https://0.0.0.0:8085"
    tlscert: /c
    tlskey: /k
    tlscacert: /a
    tlsverify: true
`);
  expect(daemonConfig("freebsd", { config }, {})).toMatchObject({
    rootDataset: "tank/jails" as never,
    logging: false,
    logLevel: "debug",
    sockets: [
      { address: "http:///tmp/a.sock" },
      { address: "https://0.0.0.0:8085", tlscert: "/c", tlskey: "/k", tlscacert: "/a", tlsverify: true },
    ],
  });
});

test("variables win over the file, and flags over variables", () => {
  const file = configFile("kleene_root: a/file\nlog_level: error\n");
  const environment = {
    KLEENE_CONFIG: file,
    KLEENE_ROOT: "a/variable",
    KLEENE_LISTEN: "http:///v1.sock, http:///v2.sock",
    KLEENE_LOG_LEVEL: "debug",
    KLEENE_RUN_DIRECTORY: "/run/elsewhere",
  };
  expect(daemonConfig("linux", {}, environment)).toMatchObject({
    rootDataset: "a/variable" as never,
    sockets: [{ address: "http:///v1.sock" }, { address: "http:///v2.sock" }],
    logLevel: "debug",
    runDirectory: "/run/elsewhere",
  });
  const flags = { root: "a/flag", hosts: ["http:///f.sock"] };
  expect(daemonConfig("linux", flags, environment)).toMatchObject({
    rootDataset: "a/flag" as never,
    sockets: [{ address: "http:///f.sock" }],
  });
});

test("an empty variable is none", () => {
  const config = configFile("kleene_root: a/file\n");
  expect(daemonConfig("linux", { config }, { KLEENE_ROOT: "", KLEENE_LISTEN: "" }).rootDataset).toBe("a/file" as never);
});

test("an address given as a flag keeps the certificates that the file has for it", () => {
  const config = configFile('api_listening_sockets: [{address: "https://h:1", tlscert: /c, tlskey: /k}]');
  expect(daemonConfig("linux", { config, hosts: ["https://h:1"] }, {}).sockets).toMatchObject([{ tlscert: "/c" }]);
});

test("two root datasets never share a run directory", () => {
  const runDirectory = (root: string) => daemonConfig("linux", { config: configFile(""), root }, {}).runDirectory;
  expect(runDirectory("a/b_c")).not.toBe(runDirectory("a_b/c"));
  expect(runDirectory("a/b")).not.toBe(runDirectory("a"));
});

describe("a mistake is told with its file and key", () => {
  const cases: [string, string][] = [
    ["kleene_rot: a", "F: kleene_rot: unknown key; did you mean kleene_root?"],
    ["zzz: a", "F: zzz: unknown key; known are kleene_root, api_listening_sockets"],
    ["kleene_root: 5", "F: kleene_root: expected string but found 5"],
    ["enable_logging: loud", "F: enable_logging: expected boolean but found loud"],
    ["log_level: loud", "F: log_level: expected (critical | error | warning | notice | info | debug) but found loud"],
    ["api_listening_sockets: []", "F: api_listening_sockets: at least one is needed"],
    ["api_listening_sockets: [{}]", "F: api_listening_sockets.0.address: missing"],
    [
      "api_listening_sockets: [{address: a, tlscrt: b}]",
      "F: api_listening_sockets.0.tlscrt: unknown key; did you mean tlscert?",
    ],
    ["a: [", "F is not YAML"],
    ["- a", "F: the file has to hold keys with values"],
    ["a", "F: the file has to hold keys with values"],
  ];
  for (const [text, expected] of cases) {
    test(text, () => expect(message(() => parseConfigFile("F", text))).toStartWith(expected));
  }

  test("several at once", () => {
    expect(message(() => parseConfigFile("F", "kleene_root: 5\nlog_level: 6")).split("\n")).toHaveLength(2);
  });

  test("a root dataset or level that is none", () => {
    const config = configFile("");
    expect(message(() => daemonConfig("linux", { config, root: "-R" }, {}))).toContain("root dataset");
    expect(message(() => daemonConfig("linux", { config }, { KLEENE_LOG_LEVEL: "x" }))).toContain("KLEENE_LOG_LEVEL");
  });

  test("a file that was named and does not exist", () => {
    const path = join(directory, "nosuch.yaml");
    expect(message(() => daemonConfig("linux", { config: path }, {}))).toContain(path);
    expect(message(() => daemonConfig("linux", {}, { KLEENE_CONFIG: path }))).toContain(path);
  });
});
