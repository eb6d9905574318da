import { ExecStartConfig, SignalConfig } from "../contract/exec.ts";
import type { Engine } from "../engine/engine.ts";
import type { Attached, attachExec } from "../engine/exec/attach.ts";
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
  attachExec: typeof attachExec;
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
      const options = { startContainer: start_container };
      if (attach) {
        stream.starting("");
        const started = begin(() => operations.attachExec(engine, exec_id, options));
        return await follow(engine, operations, started, stream, client);
      }
      await begin(() => operations.startExec(engine, exec_id, options));
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
  { waitExec, signalExec }: ExecOperations,
  started: Promise<Attached>,
  stream: Stream,
  client: Client,
): Promise<Ending> {
  const { connection } = client;
  if (client.framed) {
    // A signal that comes early waits for the process.
    client.onText = (text) => {
      started
        .then(({ id }) => signalExec(engine, id, signalName(check(SignalConfig, parseJson(text)).signal)))
        .catch((error) => log.debug(`cannot pass a signal on: ${describeError(error)}`));
    };
  }
  const { id } = await started;
  {
    using attached = await started;
    try {
      for await (const { stream: channel, chunk } of attached.output(connection.signal)) {
        stream.bytes(channel, chunk);
        await connection.drained();
      }
    } finally {
      if (connection.clientGone) await terminate(() => signalExec(engine, id, "SIGTERM"));
    }
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

async function begin<T>(start: () => Promise<T>): Promise<T> {
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
