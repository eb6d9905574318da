import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { constants as os } from "node:os";
import { flock } from "./host/flock.ts";
import { CStrings } from "./host/libc/c-strings.ts";
import { openJailCalls } from "./host/libc/jail.ts";
import { FREEBSD_LIBC, type Libc, openLibc } from "./host/libc/libc.ts";
import type { ExecFailure, ExecSpec } from "./platform/freebsd/exec-spec.ts";

/** What differs between the jails of FreeBSD and whatever else a process can be shut into. */
export interface Enclosure {
  readonly libc: Libc;
  /** Everything that `enter` wants in C's memory, prepared while the host's files are still there. */
  enter(jail: string, strings: CStrings): ExecFailure | undefined;
  /** The list for setgroups(2). */
  groupList(gid: number, groups: readonly number[]): readonly number[];
}

const DEFAULT_PATH = "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin";
/** What the helper exits with when it cannot even say why. */
const HELPER_FAILED = 125;

/** Becomes the process that the file describes, inside its jail: see `ExecSpec`. */
export function runJailExec(specFile: string, enclosure: Enclosure = freeBsdJail()): never {
  const { libc } = enclosure;
  const fd = openSync(specFile, constants.O_RDWR | constants.O_NOFOLLOW);
  if (!flock(fd, "exclusive")) return libc.exit(HELPER_FAILED);
  const spec = JSON.parse(readFileSync(fd, "utf8")) as ExecSpec;
  ftruncateSync(fd);
  if (spec.pidFile !== null) writeFileSync(spec.pidFile, `${process.pid}\n`, { mode: 0o600 });
  unlinkSync(specFile);
  const failure = become(spec, enclosure);
  writeSync(fd, JSON.stringify(failure), 0);
  closeSync(fd);
  return libc.exit(failure.status);
}

/** From `enter` on only the C library is called: the files that Bun itself might want are the jail's by then. */
function become(spec: ExecSpec, { libc, enter, groupList }: Enclosure): ExecFailure {
  const candidates = programCandidates(spec);
  const strings = new CStrings([spec.jail, spec.cwd, ...candidates, ...spec.argv, ...spec.env]);
  const argv = strings.array(spec.argv);
  const env = strings.array(spec.env);
  const paths = candidates.map((candidate) => strings.pointer(candidate));
  const cwd = strings.pointer(spec.cwd);
  const groups = groupList(spec.gid, spec.groups);
  process.umask(0o022);

  const refused = enter(spec.jail, strings);
  if (refused !== undefined) return refused;
  const noCwd = libc.chdir(cwd);
  if (noCwd !== 0) {
    return cannot("invalid", 126, `the working directory ${spec.cwd}: ${reason(noCwd)}`);
  }
  const noUser = libc.setgroups(groups) || libc.setgid(spec.gid) || libc.setuid(spec.uid);
  if (noUser !== 0) return cannot("failed", 126, `cannot become user ${spec.uid}:${spec.gid}: ${reason(noUser)}`);
  libc.closeOnExec(3);
  libc.defaultSignals();
  let denied = false;
  for (const path of paths) {
    const errno = libc.execve(path, argv, env);
    if (errno === os.errno.EACCES) denied = true;
    else if (!isAbsence(errno)) return cannot("invalid", 126, `${spec.argv[0]}: ${reason(errno)}`);
  }
  return denied
    ? cannot("invalid", 126, `${spec.argv[0]}: permission denied`)
    : cannot("not-found", 127, `${spec.argv[0]}: no such program in the container`);
}

/** Where execvp(3) would look, in its order. */
function programCandidates({ argv: [program], env }: ExecSpec): string[] {
  if (program.includes("/")) return [program];
  if (program === "") return [];
  const path = env.find((variable) => variable.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  return path.split(":").map((directory) => (directory === "" ? `./${program}` : `${directory}/${program}`));
}

function isAbsence(errno: number): boolean {
  const { ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG } = os.errno;
  return errno === ENOENT || errno === ENOTDIR || errno === ELOOP || errno === ENAMETOOLONG;
}

function cannot(code: ExecFailure["code"], status: number, message: string): ExecFailure {
  return { code, message, status };
}

function reason(errno: number): string {
  switch (errno) {
    case os.errno.ENOENT:
      return "no such directory in the container";
    case os.errno.ENOTDIR:
      return "not a directory";
    case os.errno.EACCES:
      return "permission denied";
    case os.errno.ENOEXEC:
      return "not a program of this system (exec format error)";
    case os.errno.E2BIG:
      return "the arguments and the environment are too long";
    default:
      return Object.entries(os.errno).find(([, number]) => number === errno)?.[0] ?? `error ${errno}`;
  }
}

function freeBsdJail(): Enclosure {
  const calls = openJailCalls();
  return {
    libc: openLibc(FREEBSD_LIBC),
    enter: (jail, strings) => {
      const jid = calls.getId(strings.pointer(jail));
      if (jid === undefined) return cannot("conflict", 126, "the container does not run");
      calls.forbidTracing();
      return calls.attach(jid) ? undefined : cannot("failed", 126, "cannot enter the jail");
    },
    // The first of the list is the effective group up to FreeBSD 14; later it is one more that the process has anyway.
    groupList: (gid, groups) => [gid, ...groups],
  };
}
