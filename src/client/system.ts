import type { SystemInfo } from "../contract/system.ts";
import type { Connection } from "./connection.ts";

export async function systemInfo(connection: Connection): Promise<SystemInfo> {
  return (await connection.request("GET", "/info")) as SystemInfo;
}
