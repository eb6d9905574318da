import type * as v from "valibot";
import type { StreamResult } from "../contract/stream.ts";
import type { Connection } from "./connection.ts";
import type { PlainEncoding, Stream } from "./stream.ts";
import { check } from "./valid.ts";

/** How a stream ends well. */
export interface Ending {
  readonly code: 1000 | 1001;
  /** With `data`, at most 77 bytes. */
  readonly message: string;
  readonly data: string;
  readonly result: StreamResult;
}

export interface Failure {
  /** The closing message's. */
  readonly message: string;
  readonly data: string;
  /** 126 or 127, as with Docker, when a program cannot be executed or found. */
  readonly exitCode?: number;
}

export interface Client {
  readonly connection: Connection;
  /** Whether the client speaks the framed protocol. */
  readonly framed: boolean;
  /** Receives each text frame after the configuration. */
  onText: (text: string) => void;
}

export interface EndpointOptions<Schema extends v.GenericSchema> {
  readonly config: Schema;
  readonly encoding: PlainEncoding;
  run(config: v.InferOutput<Schema>, stream: Stream, client: Client): Promise<Ending>;
  /** How a failure is told, beside its `reason`. `started`: `run` had sent its first message. */
  failure(error: unknown, reason: string, started: boolean): Failure;
}

/** A streaming endpoint whose configuration has not been checked yet. */
export type Endpoint = Omit<EndpointOptions<v.GenericSchema>, "config">;

export function endpoint<Schema extends v.GenericSchema>(options: EndpointOptions<Schema>): Endpoint {
  return {
    encoding: options.encoding,
    run: async (config, stream, client) => await options.run(check(options.config, config), stream, client),
    failure: options.failure,
  };
}
