import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../installation.ts";
import { must } from "./floor.ts";
import type { Contestant } from "./measure.ts";

/** Docker or Podman, with state of its own beside whatever the machine has. */
export interface Other extends AsyncDisposable {
  build(context: string): Contestant[];
  runOnce(command: readonly string[]): Contestant[];
}

/** Podman would raise them, which root may not do everywhere. */
const LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"];
const ENV = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };

/** undefined where Docker is not installed, or its daemon does not come up. */
export async function createDocker(directory: string, archive: string): Promise<Other | undefined> {
  if (!existsSync("/usr/sbin/dockerd") || !existsSync("/usr/bin/docker")) return undefined;
  await mkdir(directory, { recursive: true });
  const host = `unix://${join(directory, "docker.sock")}`;
  const flags = ["--iptables=false", "--bridge=none", "-H", host, "--data-root", join(directory, "data")];
  const daemon = Bun.spawn(
    ["/usr/sbin/dockerd", ...flags, "--exec-root", join(directory, "exec"), "-p", join(directory, "docker.pid")],
    { env: ENV, stdout: "ignore", stderr: "ignore" },
  );
  const env = { ...ENV, DOCKER_HOST: host };
  const stop = async () => {
    daemon.kill("SIGTERM");
    await daemon.exited;
  };
  if (!(await comesUp(env))) {
    await stop();
    return undefined;
  }
  await must(["/usr/bin/docker", "import", archive, "base"], env);
  const build = (name: string, buildkit: string, context: string): Contestant => ({
    name,
    optional: true,
    run: async () => {
      const argv = ["/usr/bin/docker", "build", "--no-cache", "--network", "host", "-q", "-t", "bench", context];
      await must(argv, { ...env, DOCKER_BUILDKIT: buildkit });
    },
  });
  return {
    build: (context) => [build("docker, BuildKit", "1", context), build("docker, classic builder", "0", context)],
    runOnce: (command) => [
      {
        name: "docker",
        optional: true,
        run: async () => {
          await must(["/usr/bin/docker", "run", "--rm", "--network", "host", "base", ...command], env);
        },
      },
    ],
    [Symbol.asyncDispose]: stop,
  };
}

async function comesUp(env: Record<string, string>): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await run(["/usr/bin/docker", "version"], env)).exitCode === 0) return true;
    await Bun.sleep(200);
  }
  return false;
}

/** undefined where Podman is not installed. */
export async function createPodman(directory: string, archive: string): Promise<Other | undefined> {
  if (!existsSync("/usr/bin/podman")) return undefined;
  const state = ["--root", join(directory, "root"), "--runroot", join(directory, "run")];
  const podman = ["/usr/bin/podman", ...state, "--runtime", "runc", "--cgroup-manager", "cgroupfs"];
  await must([...podman, "import", archive, "base"], ENV);
  const contestant = (name: string, ...args: string[]): Contestant => ({
    name,
    optional: true,
    run: async () => {
      await must([...podman, ...args], ENV);
    },
  });
  return {
    build: (context) => [
      contestant("podman", "build", "--no-cache", "--network", "host", "-q", "-t", "bench", context),
    ],
    runOnce: (command) => [contestant("podman", "run", "--rm", "--network", "host", ...LIMITS, "base", ...command)],
    [Symbol.asyncDispose]: async () => {
      await run([...podman, "system", "reset", "--force"], ENV);
    },
  };
}
