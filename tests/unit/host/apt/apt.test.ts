import { expect, test } from "bun:test";
import { join } from "node:path";
import { aptInstall, parseCandidates } from "../../../../src/host/apt/apt.ts";
import { aptProxies, formatProxies, parseShellAssignments } from "../../../../src/host/apt/proxy.ts";
import type { Argv, Exec } from "../../../../src/host/exec.ts";

test("only packages with a candidate are known", async () => {
  const policy = await Bun.file(join(import.meta.dir, "../../../fixtures/apt/policy.txt")).text();
  expect(parseCandidates(policy)).toEqual(["debootstrap", "zfs-fuse"]);
});

test("packages are installed without recommendations, questions or removals", async () => {
  const started: { argv: Argv; env: Readonly<Record<string, string>> | undefined }[] = [];
  const exec: Exec = async (argv, options) => {
    started.push({ argv, env: options?.env });
    return { stdout: "", stderr: "" };
  };
  await aptInstall(exec, ["runc", "nftables"]);
  const argv = started[0]?.argv ?? [];
  expect(argv.slice(-6)).toEqual(["-y", "--no-install-recommends", "--no-remove", "install", "runc", "nftables"]);
  expect(started[0]?.env?.DEBIAN_FRONTEND).toBe("noninteractive");
});

const configured =
  (stdout: string): Exec =>
  () =>
    Promise.resolve({ stdout, stderr: "" });

test("apt's own proxies come before the environment's", async () => {
  const env = { http_proxy: "http://env.example:3128", https_proxy: "http://env.example:3128" };
  expect(await aptProxies(configured("HTTP='http://cache.example:3142'\n"), env)).toEqual({
    http: "http://cache.example:3142",
    https: "http://env.example:3128",
  });
  expect(await aptProxies(configured("HTTP='DIRECT'\nHTTPS='false'\n"), env)).toEqual({ http: "", https: "" });
  expect(await aptProxies(configured(""), {})).toEqual({ http: "", https: "" });
});

test("a proxy that is no address is not used", async () => {
  const env = { http_proxy: 'x"; APT::Update::Pre-Invoke {"reboot"}; "' };
  expect((await aptProxies(configured(""), env)).http).toBe("");
});

test("an image gets the proxies, but none with a password in it", () => {
  const http = "http://cache.example:3142";
  expect(formatProxies({ http, https: "" })).toBe(`Acquire::http::Proxy "${http}";\n`);
  expect(formatProxies({ http: "http://user:secret@cache.example", https: "" })).toBe("");
});

test("apt-config's output is read", () => {
  expect(parseShellAssignments("HTTP='http://a:1'\nHTTPS=''\n")).toEqual(
    new Map([
      ["HTTP", "http://a:1"],
      ["HTTPS", ""],
    ]),
  );
});
