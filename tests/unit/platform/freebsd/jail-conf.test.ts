import { describe, expect, test } from "bun:test";
import { errorCode } from "../../../../src/errors.ts";
import { type JailKind, jailConf, rootOfConf, withStopTimeout } from "../../../../src/platform/freebsd/jail-conf.ts";
import { type Jail, jailName } from "../../../../src/platform/runtime.ts";

const jail: Jail = {
  name: jailName("0123456789ab"),
  root: "/zroot/kleene/container/0123456789ab",
  hostname: "web1",
  networkDriver: "host",
  parameters: [],
};

const conf = (changes: Partial<Jail> = {}, kind: JailKind = "container") => jailConf({ ...jail, ...changes }, kind);

function refusal(changes: Partial<Jail>): unknown {
  try {
    return conf(changes);
  } catch (error) {
    return error;
  }
}

const CONTAINER = `0123456789ab {
  path = "/zroot/kleene/container/0123456789ab";
  host.hostname = "web1";
  ip4 = inherit;
  ip6 = inherit;
  mount.devfs;
  exec.clean;
  exec.stop = "/bin/sh /etc/rc.shutdown";
  stop.timeout = 10;
  persist;
}
`;

describe("jail.conf", () => {
  test("has Kleene's defaults for a container", () => {
    expect(conf()).toBe(CONTAINER);
  });

  test("lets nothing of a build instruction linger", () => {
    expect(conf({}, "build")).toBe(
      CONTAINER.replace('  exec.stop = "/bin/sh /etc/rc.shutdown";\n', "").replace("= 10;", "= 0;"),
    );
  });

  test("shuts a container without network off from addresses", () => {
    expect(conf({ networkDriver: "disabled" })).toBe(CONTAINER.replaceAll("inherit", "disable"));
  });

  test.each(["ipnet", "vnet"] as const)("refuses the driver %s for now", (networkDriver) => {
    expect(errorCode(refusal({ networkDriver }))).toBe("unsupported");
  });

  test("replaces each default by the user's own parameter, also in its no-form", () => {
    const parameters = [
      "host.hostname=other",
      "mount.nodevfs",
      "exec.clean=false",
      'exec.stop="/bin/echo bye"',
      "stop.timeout = 3",
      "ip4.addr=10.0.0.1, lo1|10.0.0.2/32",
      "persist",
    ];
    expect(conf({ parameters })).toBe(`0123456789ab {
  path = "/zroot/kleene/container/0123456789ab";
  ip6 = inherit;
  host.hostname = "other";
  mount.nodevfs;
  exec.clean = "false";
  exec.stop = "/bin/echo bye";
  stop.timeout = "3";
  ip4.addr = "10.0.0.1", "lo1|10.0.0.2/32";
  persist;
}
`);
  });

  test("adds what has no default and keeps a default that is only added to", () => {
    const parameters = [
      "allow.raw_sockets",
      "allow.nosysvipc=true",
      'exec.stop += echo "$x"; echo \\',
      "children.max=2",
    ];
    expect(conf({ parameters })).toBe(
      CONTAINER.replace(
        "  persist;",
        '  allow.raw_sockets;\n  allow.nosysvipc = "true";\n  exec.stop += "echo \\"\\$x\\"; echo \\\\";\n  children.max = "2";\n  persist;',
      ),
    );
  });

  test("has no restriction of addresses beside a network stack of its own", () => {
    expect(conf({ parameters: ["vnet"] })).not.toMatch(/ip[46] =/);
  });

  test.each([
    "path=/",
    "name=x",
    "jid=1",
    "command=/bin/sh",
    "nopersist",
    "persist=false",
    "",
    "a b",
    "x;}",
    "x=1\ny",
    "$x=1",
  ])("refuses the parameter %j", (parameter) => {
    expect(errorCode(refusal({ parameters: [parameter] }))).toBe("invalid");
  });

  test.each(["relative", "/", "/with space", "/a;b", "/a$(b)", "/a'b", "/a/"])("refuses the root %j", (root) => {
    expect(errorCode(refusal({ root }))).toBe("unsupported");
  });

  test("names a jail of digits so that it is not taken for an ID", () => {
    expect(conf({ name: jailName("012345678901") })).toStartWith("j012345678901 {\n");
  });

  test("tells its root again", () => {
    expect(rootOfConf(CONTAINER)).toBe(jail.root);
    expect(rootOfConf("x {}")).toBeUndefined();
  });
});

describe("the jail.conf for a stop", () => {
  test("limits the stop command and SIGTERM", () => {
    expect(withStopTimeout(CONTAINER, 4)).toBe(
      CONTAINER.replace("= 10;", "= 4;").replace("  persist;", "  exec.timeout = 4;\n  persist;"),
    );
  });

  test("kills at once for a limit of 0", () => {
    const killing = withStopTimeout(CONTAINER, 0);
    expect(killing).toContain("  stop.timeout = 0;\n");
    expect(killing).not.toContain("exec.stop");
  });

  test("leaves the user's own limits and stop command alone, except that killing is killing", () => {
    const own = conf({ parameters: ["stop.timeout=60", "exec.timeout=7", "exec.stop=/bye"] });
    expect(withStopTimeout(own, 4)).toBe(own);
    expect(withStopTimeout(own, 0)).toBe(own.replace('stop.timeout = "60"', "stop.timeout = 0"));
  });
});
