import { type ErrorCode, KleeneError } from "../../errors.ts";

/** How runc ends its log, and its stderr, when it could not start a process. */
const FAILURE = /^(?:runc run|runc exec|exec) failed: (.*)$/s;

/** What runc prints to stderr itself, as opposed to the process; the log tells for certain. */
export function looksLikeFailure(stderr: string): boolean {
  return FAILURE.test(stderr);
}

/** The reason why runc could not start a process, from its JSON log; undefined when it could. */
export function parseFailure(log: string): string | undefined {
  for (const line of log.split("\n").reverse()) {
    const reason = FAILURE.exec(logMessage(line))?.[1];
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function logMessage(line: string): string {
  if (line === "") return "";
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("msg" in entry) || !("level" in entry)) return "";
    return entry.level === "error" ? String(entry.msg) : "";
  } catch {
    return ""; // a line that was being written when runc was killed
  }
}

/**
 * What a program prints that runc's last step, execve(2), refused: a script without `#!`, a missing interpreter, the
 * wrong architecture. runc exits with 1 then and logs nothing.
 */
export function parseExecFailure(stderr: string, program: string): string | undefined {
  const said = /^exec (\S+): ([a-z ]+)\n$/.exec(stderr);
  const [, path = "", reason] = said ?? [];
  return path === program || path.endsWith(`/${program}`) ? reason : undefined;
}

const REASONS: readonly (readonly [RegExp, ErrorCode, (program: string) => string])[] = [
  [
    /exec: .*(?:executable file not found|no such file or directory)/s,
    "not-found",
    (program) => `${program}: no such program in the container`,
  ],
  [/exec: .*(?:permission denied|is a directory)/s, "invalid", (program) => `${program}: not an executable program`],
  [/chdir to cwd/, "invalid", () => "the working directory cannot be entered"],
  [
    /cannot exec (?:in|a container that)|container does not exist|container .* is not running/,
    "conflict",
    () => "the container is not running",
  ],
  [/already exists/, "conflict", () => "the container is running"],
  [/no space left on device/, "no-space", () => "no space is left to start the process"],
];

/** Turns runc's reason into an error in the words of the user. */
export function runcError(reason: string, program: string): KleeneError {
  const known = REASONS.find(([pattern]) => pattern.test(reason));
  if (known === undefined) return new KleeneError("internal", `runc cannot start the process: ${reason}`);
  const [, code, message] = known;
  return new KleeneError(code, message(program));
}
