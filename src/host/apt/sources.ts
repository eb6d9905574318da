import type { OsRelease } from "../os-release/os-release.ts";

/** One repository of sources.list(5): binary packages of one suite. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Path of the keyring, or "" for apt's own. */
  readonly signedBy: string;
}

/** Reads the one-line style, `deb [options] URI SUITE COMPONENT...`. Sources of source packages are left out. */
export function parseSourcesList(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (match === null) continue;
    const [, options = "", uri = "", suite = "", components = ""] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? "";
    sources.push({ uri, suite, components: words(components), signedBy });
  }
  return sources;
}

/** Reads the deb822 style of `*.sources` files. Disabled stanzas are left out. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = parseStanza(stanza);
    const field = (name: string) => fields.get(name) ?? "";
    if (!words(field("types")).includes("deb") || /^(no|false|0)$/i.test(field("enabled"))) return [];
    const components = words(field("components"));
    const signedBy = field("signed-by").trim();
    return words(field("uris")).flatMap((uri) =>
      words(field("suites")).map((suite) => ({ uri, suite, components, signedBy })),
    );
  });
}

function parseStanza(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const match = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) {
      last = match[1].toLowerCase();
      fields.set(last, match[2] ?? "");
    } else if (/^\s+\S/.test(line) && last !== "") {
      fields.set(last, `${fields.get(last)}\n${line.trim()}`);
    }
  }
  return fields;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

// The directory that mirrors keep the distributions in, wherever they hang it.
const ARCHIVE = /\/(debian|debian-security|ubuntu|ubuntu-ports|ubuntu-security)(\/|$)/;
const ARCHIVE_KEYRING = /\/(debian|ubuntu)-archive-(keyring|[a-z]+-[a-z]+)\.(gpg|pgp|asc)$/;

/**
 * The distribution's own repositories of this release among the host's: the release, its updates and its security
 * updates. Other people's, backports, and addresses with a password in them are left out.
 */
export function officialSources(sources: readonly AptSource[], release: OsRelease): AptSource[] {
  const suites = new Set(["", "-updates", "-security"].map((suffix) => release.codename + suffix));
  const official = sources.filter(
    ({ uri, suite, components, signedBy }) =>
      suites.has(suite) &&
      components.includes("main") &&
      /^https?:\/\/[^@]+$/.test(uri) &&
      ARCHIVE.test(uri) &&
      (signedBy === "" || ARCHIVE_KEYRING.test(signedBy)),
  );
  return official.some(({ suite }) => suite === release.codename) ? official : defaultSources(release);
}

function defaultSources({ id, codename }: OsRelease): AptSource[] {
  const source = (uri: string, suffix: string, components: readonly string[]) => ({
    uri,
    suite: codename + suffix,
    components,
    signedBy: "",
  });
  if (id === "ubuntu") {
    const uri = process.arch === "x64" ? "http://archive.ubuntu.com/ubuntu" : "http://ports.ubuntu.com/ubuntu-ports";
    return ["", "-updates", "-security"].map((suffix) => source(uri, suffix, ["main", "universe"]));
  }
  return [
    source("http://deb.debian.org/debian", "", ["main"]),
    source("http://deb.debian.org/debian", "-updates", ["main"]),
    source("http://deb.debian.org/debian-security", "-security", ["main"]),
  ];
}

/** The source in the one-line style. */
export function formatSource({ uri, suite, components, signedBy }: AptSource): string {
  const options = signedBy === "" ? "" : `[signed-by=${signedBy}] `;
  return `deb ${options}${uri} ${suite} ${components.join(" ")}`;
}
