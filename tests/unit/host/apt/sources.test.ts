import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  type AptSource,
  formatSource,
  officialSources,
  parseDeb822,
  parseSourcesList,
} from "../../../../src/host/apt/sources.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const bookworm = { id: "debian", idLike: [], codename: "bookworm", prettyName: "Debian GNU/Linux 12" };
const noble = { id: "ubuntu", idLike: ["debian"], codename: "noble", prettyName: "Ubuntu 24.04" };

function source(uri: string, suite: string, options: Partial<AptSource> = {}): AptSource {
  return { uri, suite, components: ["main"], signedBy: "", ...options };
}

test("the one-line style is read, with options and comments", () => {
  const text = [
    "# deb http://old.example/debian bookworm main",
    `deb [arch=amd64 signed-by=${KEYRING}] http://deb.debian.org/debian bookworm main contrib # ours`,
    "deb-src http://deb.debian.org/debian bookworm main",
    "deb\thttp://deb.debian.org/debian   bookworm-updates\tmain",
  ].join("\n");
  expect(parseSourcesList(text)).toEqual([
    source("http://deb.debian.org/debian", "bookworm", { components: ["main", "contrib"], signedBy: KEYRING }),
    source("http://deb.debian.org/debian", "bookworm-updates"),
  ]);
});

test("Debian's own deb822 file is read", async () => {
  const text = await Bun.file(join(import.meta.dir, "../../../fixtures/apt/debian.sources.txt")).text();
  expect(parseDeb822(text)).toEqual([
    source("http://deb.debian.org/debian", "bookworm", { signedBy: KEYRING }),
    source("http://deb.debian.org/debian", "bookworm-updates", { signedBy: KEYRING }),
    source("http://deb.debian.org/debian-security", "bookworm-security", { signedBy: KEYRING }),
  ]);
});

test("deb822 stanzas may be disabled, continued over lines, or of source packages only", () => {
  const text = `Enabled: no
Types: deb
URIs: http://a.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://b.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
URIs: http://c.example/debian
  http://d.example/debian
Suites: bookworm
Components: main
 non-free
`;
  expect(parseDeb822(text)).toEqual([
    source("http://c.example/debian", "bookworm", { components: ["main", "non-free"] }),
    source("http://d.example/debian", "bookworm", { components: ["main", "non-free"] }),
  ]);
});

describe("the official sources of a release", () => {
  test("are the host's own mirrors", () => {
    const sources = [
      source("http://mirror.example/debian/", "bookworm", { signedBy: KEYRING }),
      source("http://mirror.example/debian-security", "bookworm-security"),
    ];
    expect(officialSources(sources, bookworm)).toEqual(sources);
  });

  test("leave out other people's, other releases', backports and mirrors with a password", () => {
    const own = source("http://deb.debian.org/debian", "bookworm");
    const sources = [
      own,
      source("https://apt.example.com", "bookworm"),
      source("https://download.example.com/linux/debian", "bookworm", { components: ["stable"] }),
      source("https://repo.example.com/debian", "bookworm", { signedBy: "/etc/apt/keyrings/example.gpg" }),
      source("http://deb.debian.org/debian", "trixie"),
      source("http://deb.debian.org/debian", "bookworm-backports"),
      source("http://user:secret@mirror.example/debian", "bookworm"),
    ];
    expect(officialSources(sources, bookworm)).toEqual([own]);
  });

  test("are the distribution's own mirrors where the host names none", () => {
    expect(officialSources([], bookworm).map(formatSource)).toEqual([
      "deb http://deb.debian.org/debian bookworm main",
      "deb http://deb.debian.org/debian bookworm-updates main",
      "deb http://deb.debian.org/debian-security bookworm-security main",
    ]);
    expect(officialSources([], noble).map(({ suite }) => suite)).toEqual(["noble", "noble-updates", "noble-security"]);
  });
});

test("a source is written with its keyring", () => {
  const signed = source("http://deb.debian.org/debian", "bookworm", {
    components: ["main", "contrib"],
    signedBy: KEYRING,
  });
  expect(formatSource(signed)).toBe(`deb [signed-by=${KEYRING}] http://deb.debian.org/debian bookworm main contrib`);
});
