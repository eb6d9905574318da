import type { IdAnswer } from "../contract/answer.ts";
import type { Image } from "../contract/image.ts";
import { type Connection, pathOf } from "./connection.ts";

export async function listImages(connection: Connection): Promise<readonly Image[]> {
  return (await connection.request("GET", "/images/list")) as readonly Image[];
}

export async function inspectImage(connection: Connection, name: string): Promise<Image> {
  return (await connection.request("GET", `/images/${pathOf(name)}/inspect`)) as Image;
}

export async function tagImage(connection: Connection, name: string, nametag: string): Promise<string> {
  const query = new URLSearchParams({ nametag });
  return ((await connection.request("POST", `/images/${pathOf(name)}/tag?${query}`)) as IdAnswer).id;
}

export async function removeImage(connection: Connection, name: string): Promise<string> {
  return ((await connection.request("DELETE", `/images/${pathOf(name)}`)) as IdAnswer).id;
}

/** @returns the IDs of the removed images */
export async function pruneImages(connection: Connection, { all }: { all: boolean }): Promise<readonly string[]> {
  return (await connection.request("POST", `/images/prune?all=${all}`)) as readonly string[];
}
