import type { IdAnswer } from "../contract/answer.ts";
import type { ExecRequest, ExecStartRequest } from "../contract/exec.ts";
import type { Connection } from "./connection.ts";
import { follow, StreamError, type StreamListener } from "./stream.ts";

export async function createExec(connection: Connection, request: ExecRequest): Promise<string> {
  return ((await connection.request("POST", "/exec/create", request)) as IdAnswer).id;
}

/** Starts an execution instance and lets it run. */
export async function startDetached(connection: Connection, execId: string, startContainer: boolean): Promise<void> {
  const request: ExecStartRequest = { exec_id: execId, attach: false, start_container: startContainer };
  await follow(connection, "/exec/start", request, SILENT).catch(startFailure);
}

/**
 * Starts an execution instance and stays with it to the end; resolves to its exit status.
 *
 * @param control receives a function that sends a signal to the process
 */
export async function startAttached(
  connection: Connection,
  execId: string,
  startContainer: boolean,
  listener: StreamListener,
  control: (signal: (name: NodeJS.Signals) => void) => void,
): Promise<number> {
  const request: ExecStartRequest = { exec_id: execId, attach: true, start_container: startContainer };
  const result = await follow(connection, "/exec/start", request, listener, control).catch(startFailure);
  return result.exit_code ?? 0;
}

/** Whether the process never ran: one that did has a result, and no error. */
export function isStartFailure(error: unknown): boolean {
  return error instanceof StreamError && error.exitCode !== undefined;
}

const SILENT: StreamListener = { output: async () => {}, status: async () => {}, progress: () => {} };

/** A process that could not be started has a shell's exit status: 127 for no such program, 126 for one that is none. */
function startFailure(error: unknown): never {
  if (!(error instanceof StreamError) || error.exitCode !== undefined) throw error;
  const notExecutable =
    error.code === "permission" || /not an executable program|cannot be executed/.test(error.message);
  throw new StreamError(error.code, error.message, error.code === "not-found" ? 127 : notExecutable ? 126 : undefined);
}
