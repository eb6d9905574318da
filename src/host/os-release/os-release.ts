/** What os-release(5) tells about the system; absent keys are "". */
export interface OsRelease {
  /** `debian`, `ubuntu`, `fedora` ... */
  readonly id: string;
  /** The distributions that this one derives from. */
  readonly idLike: readonly string[];
  /** `bookworm`, `noble`; "" where releases have no codename. */
  readonly codename: string;
  readonly prettyName: string;
}

/** Reads os-release's `NAME=value` lines; values may be quoted as in the shell. */
export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2]));
  }
  const id = values.get("ID") ?? "";
  return {
    id,
    idLike: (values.get("ID_LIKE") ?? "").split(/\s+/).filter((word) => word !== ""),
    codename: values.get("VERSION_CODENAME") ?? "",
    prettyName: values.get("PRETTY_NAME") ?? id,
  };
}

function unquote(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  return (quoted?.[2] ?? text).replace(/\\(["'`$\\])/g, "$1");
}

/** Whether packages are installed with apt, on the system itself or on one it derives from. */
export function usesApt(release: OsRelease): boolean {
  return [release.id, ...release.idLike].some((id) => id === "debian" || id === "ubuntu");
}
