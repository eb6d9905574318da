import type { IdAnswer } from "../contract/answer.ts";
import type { ContainerInspect, ContainerRequest, ContainerSummary } from "../contract/container.ts";
import { type Connection, pathOf } from "./connection.ts";

export async function createContainer(connection: Connection, request: ContainerRequest): Promise<string> {
  return ((await connection.request("POST", "/containers/create", request)) as IdAnswer).id;
}

export async function listContainers(
  connection: Connection,
  { all }: { all: boolean },
): Promise<readonly ContainerSummary[]> {
  return (await connection.request("GET", `/containers/list?all=${all}`)) as readonly ContainerSummary[];
}

export async function inspectContainer(connection: Connection, name: string): Promise<ContainerInspect> {
  return (await connection.request("GET", `/containers/${pathOf(name)}/inspect`)) as ContainerInspect;
}

/** @param timeout seconds between the polite and the final signal; absent for the daemon's own */
export async function stopContainer(connection: Connection, name: string, timeout?: number): Promise<string> {
  const query = timeout === undefined ? "" : `?timeout=${timeout}`;
  return ((await connection.request("POST", `/containers/${pathOf(name)}/stop${query}`)) as IdAnswer).id;
}

export async function removeContainer(
  connection: Connection,
  name: string,
  { force }: { force: boolean },
): Promise<string> {
  const query = force ? "?force=true" : "";
  return ((await connection.request("DELETE", `/containers/${pathOf(name)}${query}`)) as IdAnswer).id;
}

/** @returns the IDs of the removed containers */
export async function pruneContainers(connection: Connection): Promise<readonly string[]> {
  return (await connection.request("POST", "/containers/prune")) as readonly string[];
}
