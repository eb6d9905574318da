import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Installation, run } from "../installation.ts";
import type { Contestant } from "./measure.ts";

/** The least that can be done: a shell script that calls zfs(8) and runc(8), and nothing else. */
export class Floor {
  private constructor(
    private readonly directory: string,
    private readonly pool: string,
    private readonly origin: string,
  ) {}

  static async create({ pool, archive }: Installation): Promise<Floor> {
    const directory = join(pool.directory, "floor");
    await mkdir(join(directory, "bundle"), { recursive: true });
    const base = `${pool.name}/floor-base`;
    await must(["zfs", "create", base]);
    await must(["tar", "-x", "-p", "-f", archive, "-C", `${pool.mountpoint}/floor-base`]);
    await must(["zfs", "snapshot", `${base}@base`]);
    const floor = new Floor(directory, pool.name, `${base}@base`);
    await floor.writeSpec();
    return floor;
  }

  private async writeSpec(): Promise<void> {
    const bundle = join(this.directory, "bundle");
    await rm(join(bundle, "config.json"), { force: true });
    await must(["runc", "spec", "--bundle", bundle]);
    const spec = await Bun.file(join(bundle, "config.json")).json();
    spec.process.terminal = false;
    spec.process.args = ["/bin/sh", "-c", "COMMAND"];
    delete spec.process.rlimits;
    spec.root = { path: "ROOT", readonly: false };
    spec.linux.namespaces = spec.linux.namespaces.filter(({ type }: { type: string }) => type !== "network");
    await Bun.write(join(this.directory, "template.json"), JSON.stringify(spec));
  }

  private step(command: string): string {
    const bundle = join(this.directory, "bundle");
    return `sed -e 's|ROOT|${join(this.mountpoint, "floor")}|' -e 's|COMMAND|${command}|' ${this.directory}/template.json >${bundle}/config.json
runc --root ${this.directory}/runc run --bundle ${bundle} floor </dev/null >/dev/null || exit 1`;
  }

  private get mountpoint(): string {
    return join(this.directory, "..", "mnt");
  }

  /** Clone, then `commands.length` times: run, snapshot. */
  build(commands: readonly string[]): Contestant {
    const lines = [`zfs clone ${this.origin} ${this.pool}/floor || exit 1`];
    for (const [index, command] of commands.entries()) {
      lines.push(this.step(command), `zfs snapshot ${this.pool}/floor@${index} || exit 1`);
    }
    return { name: "zfs and runc, called directly", run: () => this.script(lines), reset: () => this.destroy() };
  }

  /** Clone, run, destroy. */
  runOnce(command: string): Contestant {
    const dataset = `${this.pool}/floor`;
    const lines = [`zfs clone ${this.origin} ${dataset} || exit 1`, this.step(command)];
    // zfs-fuse says busy first, and has unmounted it by then. It may hang for ever when files were closed just now.
    lines.push(`stat -f ${join(this.mountpoint, "floor")} >/dev/null`);
    lines.push(
      `for try in 0 0 1 1 2 2 3 3; do zfs destroy ${dataset} 2>/dev/null && exit 0; sleep 0.0$try; done; exit 1`,
    );
    return { name: "zfs and runc, called directly", run: () => this.script(lines) };
  }

  private async script(lines: readonly string[]): Promise<void> {
    await must(["/bin/sh", "-c", lines.join("\n")]);
  }

  private async destroy(): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt++) {
      if ((await run(["zfs", "destroy", "-r", `${this.pool}/floor`])).exitCode === 0) return;
    }
    throw new Error("cannot destroy the dataset of the floor");
  }
}

export async function must(argv: readonly string[], env?: Record<string, string>): Promise<string> {
  const { stdout, stderr, exitCode } = await run(argv, env);
  if (exitCode !== 0) throw new Error(`${argv.join(" ")} exited with ${exitCode}: ${stderr || stdout}`);
  return stdout.trim();
}
