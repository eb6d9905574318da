import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageBuildRequest } from "../../../../src/cli/image/build.ts";

const directory = mkdtempSync(join(tmpdir(), "kleene-build-"));
mkdirSync(join(directory, "app"));
writeFileSync(join(directory, "Dockerfile.here"), "");
writeFileSync(join(directory, "app", "Dockerfile.there"), "");
afterAll(() => rmSync(directory, { recursive: true }));

const ARGS = {
  tag: undefined,
  file: undefined,
  buildArg: [],
  quiet: false,
  cleanup: false,
  from: undefined,
  env: [],
  user: undefined,
  jailParam: [],
  driver: "host",
  path: "app",
} as const;

describe("the Dockerfile is", () => {
  test.each([
    [undefined, "Dockerfile"],
    ["Dockerfile.here", join(directory, "Dockerfile.here")],
    ["Dockerfile.there", "Dockerfile.there"],
    ["/etc/Dockerfile", "/etc/Dockerfile"],
  ])("for %p", (file, sent) => {
    expect(imageBuildRequest({ ...ARGS, file }, true, directory).dockerfile).toBe(sent);
  });
});

test("the context is absolute and must be a directory where the daemon shares our files", () => {
  expect(imageBuildRequest(ARGS, true, directory).context).toBe(join(directory, "app"));
  expect(() => imageBuildRequest({ ...ARGS, path: "nowhere" }, true, directory)).toThrow(
    "the build context nowhere is not a directory",
  );
  expect(() => imageBuildRequest({ ...ARGS, path: "Dockerfile.here" }, true, directory)).toThrow("not a directory");
  expect(imageBuildRequest({ ...ARGS, path: "/on/the/host" }, false, directory).context).toBe("/on/the/host");
});

test("every option has its place in the request", () => {
  const args = {
    ...ARGS,
    tag: "hello:dev",
    buildArg: ["A=1"],
    quiet: true,
    cleanup: true,
    from: "base@0123456789ab",
    env: ["E=2"],
    user: "www",
    jailParam: ["allow.raw_sockets"],
    driver: "disabled",
  } as const;
  expect(imageBuildRequest(args, true, directory)).toEqual({
    context: join(directory, "app"),
    dockerfile: "Dockerfile",
    tag: "hello:dev",
    quiet: true,
    cleanup: true,
    buildargs: { A: "1" },
    container_config: {
      image: "base@0123456789ab",
      user: "www",
      env: ["E=2"],
      jail_param: ["allow.raw_sockets"],
      network_driver: "disabled",
      mounts: [],
    },
    networks: [],
  });
});
