/**
 * Builds the executable: `bun build.ts` makes dist/kleene for this machine, `--all` every target,
 * `--target=freebsd-x64` one of them, as dist/kleene-<target>. Each is one file without companions.
 */
import { chmod, mkdir, rename } from "node:fs/promises";

const TARGETS = {
  "freebsd-x64": "bun-freebsd-x64",
  "freebsd-aarch64": "bun-freebsd-arm64",
  "linux-x64": "bun-linux-x64",
  "linux-aarch64": "bun-linux-arm64",
} as const;
type Target = keyof typeof TARGETS;

const DIST = `${import.meta.dir}/dist`;

function hostTarget(): Target {
  const target = `${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  if (!isTarget(target))
    throw new Error(`Kleene does not run on ${target}; build with --target=${Object.keys(TARGETS)}`);
  return target;
}

function isTarget(text: string): text is Target {
  return text in TARGETS;
}

function commit(): string {
  const git = Bun.spawnSync(["git", "describe", "--always", "--dirty", "--abbrev=12"], { cwd: import.meta.dir });
  return git.success ? git.stdout.toString().trim() : "unknown";
}

async function build(target: Target, outfile: string): Promise<void> {
  const unfinished = `${outfile}.${process.pid}`;
  const result = await Bun.build({
    entrypoints: [`${import.meta.dir}/src/main.ts`],
    // Bun's types do not list its FreeBSD targets.
    compile: {
      target: TARGETS[target] as Bun.Build.CompileTarget,
      outfile: unfinished,
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
    minify: true,
    bytecode: true,
    format: "esm",
    define: { KLEENE_COMMIT: JSON.stringify(commit()), KLEENE_TARGET: JSON.stringify(target) },
  });
  if (!result.success) throw new AggregateError(result.logs, `cannot build ${target}`);
  await chmod(unfinished, 0o755);
  // A running daemon keeps its file: the new one takes over the name.
  await rename(unfinished, outfile);
  console.log(`${outfile}  ${(Bun.file(outfile).size / 1e6).toFixed(0)} MB`);
}

const args = process.argv.slice(2);
const wanted = args.flatMap((arg): Target[] => {
  if (arg === "--all") return Object.keys(TARGETS).filter(isTarget);
  const target = /^--target=(.+)$/.exec(arg)?.[1] ?? "";
  if (!isTarget(target))
    throw new Error(`unknown argument ${arg}: --all or --target=${Object.keys(TARGETS).join("|")}`);
  return [target];
});

await mkdir(DIST, { recursive: true });
if (wanted.length === 0) await build(hostTarget(), `${DIST}/kleene`);
for (const target of wanted) await build(target, `${DIST}/kleene-${target}`);
