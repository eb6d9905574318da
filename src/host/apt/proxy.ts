import type { Exec } from "../exec.ts";

/** The proxies that the host's apt reaches its mirrors through; "" for none. */
export interface AptProxies {
  readonly http: string;
  readonly https: string;
}

/** Reads apt's configuration, or else `http_proxy` and `https_proxy` in `env`. */
export async function aptProxies(exec: Exec, env: Readonly<Record<string, string | undefined>>): Promise<AptProxies> {
  const asked = ["HTTP", "Acquire::http::Proxy", "HTTPS", "Acquire::https::Proxy"] as const;
  const { stdout } = await exec(["apt-config", "shell", ...asked]);
  const configured = parseShellAssignments(stdout);
  return {
    http: proxyOf(configured.get("HTTP"), env.http_proxy),
    https: proxyOf(configured.get("HTTPS"), env.https_proxy),
  };
}

/** apt-config(8)'s output: `NAME='value'` lines. */
export function parseShellAssignments(output: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of output.split("\n")) {
    const match = /^([A-Z]+)='(.*)'$/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], match[2] ?? "");
  }
  return values;
}

function proxyOf(configured: string | undefined, fromEnvironment: string | undefined): string {
  if (configured === "DIRECT" || configured === "false") return "";
  const proxy = configured ?? fromEnvironment ?? "";
  return /^https?:\/\/[^\s"';]+$/.test(proxy) ? proxy : "";
}

/** apt.conf(5) for an image made behind these proxies. A proxy with a password in it stays on the host: "" then. */
export function formatProxies({ http, https }: AptProxies): string {
  const line = (name: string, proxy: string) =>
    proxy === "" || proxy.includes("@") ? "" : `Acquire::${name}::Proxy "${proxy}";\n`;
  return line("http", http) + line("https", https);
}
