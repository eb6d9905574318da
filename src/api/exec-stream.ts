import { ExecStartConfig, SignalConfig } from "../contract/exec.ts";
import type { Id } from "../contract/names.ts";
import type { Engine } from "../engine/engine.ts";
import type { followExec } from "../engine/exec/follow.ts";
import type { signalExec } from "../engine/exec/signal.ts";
import type { startExec } from "../engine/exec/start.ts";
import type { waitExec } from "../engine/exec/wait.ts";
import { describeError, type ErrorCode, KleeneError } from "../errors.ts";
import { log } from "../log.ts";
import { type Client, type Ending, type Endpoint, endpoint } from "./endpoint.ts";
import { signalName } from "./signal-name.ts";
import type { Stream } from "./stream.ts";
import { check, parseJson } from "./valid.ts";

export interface ExecOperations {
  startExec: typeof startExec;
  followExec: typeof followExec;
  waitExec: typeof waitExec;
  signalExec: typeof signalExec;
}

/** As with Docker: the program is not there, or cannot be executed. */
const START_STATUS: Partial<Record<ErrorCode, number>> = { "not-found": 127, invalid: 126 };

// In Kleened's own spelling.
const DETACHED = "succesfully started execution instance in detached mode";

/** `/exec/start`. When an attached client goes away, the process is sent SIGTERM; the container is left alone. */
export function execEndpoint(engine: Engine, operations: ExecOperations): Endpoint {
  return endpoint({
    config: ExecStartConfig,
    encoding: "raw",
    async run({ exec_id, attach, start_container }, stream, client) {
      const start = () => begin(() => operations.startExec(engine, exec_id, { startContainer: start_container }));
      if (attach) {
        stream.starting("");
        return await follow(engine, operations, start, stream, client);
      }
      await start();
      return { code: 1001, message: DETACHED, data: "", result: {} };
    },
    failure: (error, reason) => ({
      message: `cannot start the execution instance: ${reason}`,
      data: "",
      ...(error instanceof StartError ? { exitCode: START_STATUS[error.code] ?? 125 } : {}),
    }),
  });
}

async function follow(
  engine: Engine,
  { followExec, waitExec, signalExec }: ExecOperations,
  start: () => Promise<Id>,
  stream: Stream,
  client: Client,
): Promise<Ending> {
  const { connection } = client;
  const started = start();
  if (client.framed) {
    // A signal that comes early waits for the process.
    client.onText = (text) => {
      started
        .then((id) => signalExec(engine, id, signalName(check(SignalConfig, parseJson(text)).signal)))
        .catch((error) => log.debug(`cannot pass a signal on: ${describeError(error)}`));
    };
  }
  const id = await started;
  try {
    for await (const { stream: channel, chunk } of followExec(engine, id, connection.signal)) {
      stream.bytes(channel, chunk);
      await connection.drained();
    }
  } finally {
    if (connection.clientGone) await terminate(() => signalExec(engine, id, "SIGTERM"));
  }
  connection.signal.throwIfAborted();
  const { exitCode, containerExited } = await waitExec(engine, id);
  const message = containerExited
    ? `executable ${id} and its container exited with exit-code ${exitCode}`
    : `${id} has exited with exit-code ${exitCode}`;
  return { code: 1000, message, data: "", result: { exit_code: exitCode } };
}

/** The process could not be started, whatever else is wrong with the request. */
class StartError extends KleeneError {}

async function begin(start: () => Promise<Id>): Promise<Id> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof KleeneError)) throw error;
    throw new StartError(error.code, error.message, { cause: error.cause });
  }
}

async function terminate(signal: () => Promise<void>): Promise<void> {
  try {
    await signal();
  } catch (error) {
    // Most likely it had ended already.
    log.debug(describeError(error));
  }
}
