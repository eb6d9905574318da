import { CommandError, KleeneError } from "../../errors.ts";
import type { Argv, Executor, RunningProgram } from "../exec.ts";
import { zfsError, zfsErrorCode } from "./errors.ts";
import type { DatasetName, SnapshotName } from "./names.ts";
import { openPipe } from "./pipe.ts";
import type { Zfs } from "./zfs.ts";

const TIMEOUT = 2 * 60 * 60 * 1000;
const KILL_AFTER = 30_000;

/** `zfs send | zfs receive`; see `Zfs.copy`. */
export async function copySnapshot(
  executor: Executor,
  zfs: Pick<Zfs, "exists" | "destroy" | "mount">,
  snapshot: SnapshotName,
  dataset: DatasetName,
  signal?: AbortSignal,
): Promise<void> {
  const what = `cannot copy snapshot ${snapshot} to dataset ${dataset}`;
  if (signal?.aborted) throw new KleeneError("canceled", "the copy was canceled");
  if (await zfs.exists(dataset)) throw new KleeneError("conflict", `${what}: the dataset exists already`);
  const failure = await sendAndReceive(executor, snapshot, dataset, signal);
  if (failure === undefined) return await zfs.mount(dataset);
  // One that somebody else made in the meantime is not ours to destroy.
  if (zfsErrorCode(failure.received) !== "conflict" && (await zfs.exists(dataset))) {
    await zfs.destroy(dataset, { recursive: true });
  }
  if (signal?.aborted) throw new KleeneError("canceled", "the copy was canceled");
  throw zfsError(what, failure.error);
}

/**
 * The two are joined by cat(1), because only that can be stopped: zfs-fuse goes on with a transfer when its zfs(8) is
 * killed. With cat gone the sender cannot write and the receiver sees the end, and both give up properly.
 */
async function sendAndReceive(
  executor: Executor,
  snapshot: SnapshotName,
  dataset: DatasetName,
  signal: AbortSignal | undefined,
): Promise<{ error: CommandError; received: string } | undefined> {
  const send: Argv = ["zfs", "send", snapshot];
  // Not mounted yet: mounting takes turns, and this may take hours.
  const receive: Argv = ["zfs", "receive", "-u", dataset];
  const out = await openPipe(executor);
  const back = await openPipe(executor);
  const started: RunningProgram[] = [];
  let timedOut = false;
  let kill: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    started[0]?.kill("SIGKILL");
    kill = setTimeout(() => {
      for (const program of started) program.kill("SIGKILL");
    }, KILL_AFTER);
  };
  const limit = setTimeout(() => {
    timedOut = true;
    stop();
  }, TIMEOUT);
  try {
    let sender: RunningProgram;
    let receiver: RunningProgram;
    try {
      started.push(executor.spawn(["cat"], { stdin: out.reader, stdout: back.writer }));
      receiver = executor.spawn(receive, { stdin: back.reader, stderr: "pipe" });
      started.push(receiver);
      sender = executor.spawn(send, { stdout: out.writer, stderr: "pipe" });
      started.push(sender);
    } finally {
      out.close();
      back.close();
    }
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    const [sent, sendSaid, received, receiveSaid] = await Promise.all([
      sender.exited,
      new Response(sender.stderr).text(),
      receiver.exited,
      new Response(receiver.stderr).text(),
    ]);
    if (sent === 0 && received === 0) return undefined;
    const sendIsToBlame = sent !== 0 && !endedByReceiver(sent, sendSaid);
    const error = sendIsToBlame
      ? new CommandError(send, sent, sendSaid + receiveSaid, { timedOut })
      : new CommandError(receive, received, receiveSaid + sendSaid, { timedOut });
    return { error, received: receiveSaid };
  } finally {
    clearTimeout(limit);
    clearTimeout(kill);
    signal?.removeEventListener("abort", stop);
  }
}

/** The receiver failed, and that broke the pipe. */
function endedByReceiver(exitCode: number, stderr: string): boolean {
  return exitCode === 128 + 13 || /broken pipe|signal received/i.test(stderr);
}
