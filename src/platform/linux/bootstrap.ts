import { KleeneError } from "../../errors.ts";
import type { Argv, Spawn } from "../../host/exec.ts";

// A daemon makes its own files private; the files of a userland are for everyone in it.
const WITH_USUAL_UMASK = 'umask 022 && exec "$@"';
const REMEMBERED_LINES = 40;

/**
 * Runs a program that makes a userland, with all of its children in a process namespace of their own: when `signal`
 * is raised or this process dies, none of them is left. What they mounted is for the caller to unmount.
 *
 * @throws KleeneError `canceled`; `unavailable`, `no-space` or `invalid` as the program's output tells
 */
export async function runBootstrap(
  spawn: Spawn,
  argv: Argv,
  options: {
    env: Readonly<Record<string, string>>;
    progress: (text: string) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { env, progress, signal } = options;
  if (signal.aborted) throw new KleeneError("canceled", `${argv[0]} was canceled`);
  const program = spawn(
    [
      ...(["setpriv", "--pdeathsig", "KILL"] as const),
      ...["unshare", "--pid", "--fork", "--kill-child=KILL"],
      ...["sh", "-c", WITH_USUAL_UMASK, "sh", ...argv],
    ],
    { env, cwd: "/", stdout: "pipe", stderr: "pipe" },
  );
  const kill = () => program.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    const said = new LastLines();
    const listen = async (stream: ReadableStream<Uint8Array> | undefined) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream ?? []) {
        const text = decoder.decode(chunk, { stream: true });
        said.add(text);
        progress(text);
      }
    };
    const [status] = await Promise.all([program.exited, listen(program.stdout), listen(program.stderr)]);
    if (signal.aborted) throw new KleeneError("canceled", `${argv[0]} was canceled`);
    if (status !== 0) throw bootstrapError(argv[0], status, said.lines());
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

class LastLines {
  #text = "";

  add(text: string): void {
    this.#text = (this.#text + text).split("\n").slice(-REMEMBERED_LINES).join("\n");
  }

  lines(): string[] {
    return this.#text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  }
}

const REASONS = [
  { code: "no-space", pattern: /No space left on device|Disc quota exceeded|Disk quota exceeded/i },
  { code: "invalid", pattern: /NO_PUBKEY|is not signed|invalid signature|BADSIG|EXPKEYSIG|Hash Sum mismatch/i },
  {
    code: "unavailable",
    pattern:
      /Could not (resolve|connect)|Cannot initiate|Failed to fetch|Unable to connect|timed out|couldn't download/i,
  },
] as const;

/** What went wrong, from the last lines that the program printed. */
export function bootstrapError(program: string, status: number, lines: readonly string[]): KleeneError {
  for (const { code, pattern } of REASONS) {
    const line = lines.find((line) => pattern.test(line));
    if (line !== undefined) return new KleeneError(code, `cannot make the userland: ${plain(line)}`);
  }
  const last = lines.findLast((line) => /^E: /.test(line)) ?? lines.at(-1) ?? "";
  const said = last === "" ? `${program} exited with ${status}` : plain(last);
  return new KleeneError("unavailable", `cannot make the userland: ${said}`);
}

function plain(line: string): string {
  return line
    .trim()
    .replace(/^[EW]: /, "")
    .replace(/[[\]]/g, "");
}
