import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../src/errors.ts";
import { exec } from "../../src/host/exec.ts";
import { createFreeBsdBaseUserland } from "../../src/platform/freebsd/base-userland.ts";
import { RecordingExecutor } from "../recording-executor.ts";

let directory: string;
let root: string;
let server: ReturnType<typeof Bun.serve>;
let files: Map<string, Uint8Array | string>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kltest-base-"));
  root = join(directory, "root");
  await mkdir(root);
  await mkdir(join(directory, "base/etc"), { recursive: true });
  await writeFile(join(directory, "base/etc/rc"), "#!/bin/sh\n", { mode: 0o755 });
  await exec(["tar", "-c", "-J", "-f", join(directory, "base.txz"), "-C", join(directory, "base"), "."]);
  const archive = readFileSync(join(directory, "base.txz"));
  const sum = new Bun.CryptoHasher("sha256").update(archive).digest("hex");
  files = new Map<string, Uint8Array | string>([
    ["/mirror/releases/arm64/aarch64/14.1-RELEASE/MANIFEST", `base.txz\t${sum}\t3\tbase\t"Base system"\ton\n`],
    ["/mirror/releases/arm64/aarch64/14.1-RELEASE/base.txz", archive],
  ]);
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const file = files.get(new URL(request.url).pathname);
      return file === undefined ? new Response("no", { status: 404 }) : new Response(file);
    },
  });
});

afterEach(async () => {
  await server.stop(true);
  await rm(directory, { recursive: true, force: true });
});

async function install(signal = new AbortController().signal): Promise<string> {
  const executor = new RecordingExecutor()
    .on(["/bin/freebsd-version"], { stdout: "14.1-RELEASE-p5\n" })
    .on(["/sbin/sysctl", "-n", "hw.machine", "hw.machine_arch"], { stdout: "arm64\naarch64\n" })
    .on(["tar"], (argv) => exec(argv));
  let said = "";
  const userland = createFreeBsdBaseUserland(executor, { mirror: `http://127.0.0.1:${server.port}/mirror` });
  await userland.install(root, (text) => (said += text), signal);
  return said;
}

const failure = () => install().catch((error: unknown) => error);

describe("the base userland of a mirror", () => {
  test("is unpacked with its modes, and nothing else is left in the root", async () => {
    expect(await install()).toContain("100% of 1 MB");
    expect(readdirSync(root)).toEqual(["etc"]);
    expect(readFileSync(join(root, "etc/rc"), "utf8")).toBe("#!/bin/sh\n");
  });

  test("is refused with a wrong checksum, before anything is unpacked", async () => {
    files.set("/mirror/releases/arm64/aarch64/14.1-RELEASE/MANIFEST", `base.txz\t${"0".repeat(64)}\t3\n`);
    expect(errorCode(await failure())).toBe("invalid");
    expect(readdirSync(root)).toEqual([]);
  });

  test("is unavailable where the mirror has it not", async () => {
    files.clear();
    expect(errorCode(await failure())).toBe("unavailable");
    expect(readdirSync(root)).toEqual([]);
  });

  test("leaves nothing when it is canceled", async () => {
    const error = await install(AbortSignal.abort()).catch((caught: unknown) => caught);
    expect(errorCode(error)).toBe("canceled");
    expect(readdirSync(root)).toEqual([]);
  });
});
