import { describe, expect, test } from "bun:test";
import { errorCode } from "../../../../src/errors.ts";
import { linuxJailSettings } from "../../../../src/platform/linux/jail-parameters.ts";

const DEFAULTS = { rawSockets: true, reservedPorts: true, devfs: true };
const codeOf = (...parameters: string[]) => {
  try {
    linuxJailSettings(parameters);
    return "none";
  } catch (error) {
    return errorCode(error);
  }
};

describe("linuxJailSettings", () => {
  test("without parameters, gives what Docker's users expect", () => {
    expect(linuxJailSettings([])).toEqual(DEFAULTS);
  });

  const spellings: readonly [string, boolean][] = [
    ["allow.raw_sockets", true],
    ["allow.raw_sockets=true", true],
    ["allow.raw_sockets = 1", true],
    ["allow.noraw_sockets", false],
    ["allow.raw_sockets=false", false],
    ['allow.raw_sockets="FALSE"', false],
    ["allow.raw_sockets=0", false],
  ];
  for (const [parameter, rawSockets] of spellings) {
    test(`reads ${parameter}`, () => {
      expect(linuxJailSettings([parameter]).rawSockets).toBe(rawSockets);
    });
  }

  test("takes a later parameter over an earlier one", () => {
    expect(linuxJailSettings(["mount.nodevfs", "mount.devfs"]).devfs).toBe(true);
    expect(linuxJailSettings(["mount.devfs", "mount.devfs=false"]).devfs).toBe(false);
    expect(linuxJailSettings(["host.hostname=a", "host.hostname=b"]).hostname).toBe("b");
  });

  test("reads the host name, quoted or not", () => {
    for (const parameter of [
      "host.hostname=web",
      "host.hostname = web ",
      'host.hostname="web"',
      "host.hostname='web'",
    ]) {
      expect(linuxJailSettings([parameter]).hostname).toBe("web");
    }
  });

  test("accepts what changes nothing here", () => {
    const parameters = ["exec.clean", "exec.noclean", "persist", "nopersist", "exec.jail_user=app", "allow.nomount"];
    expect(linuxJailSettings([...parameters, "allow.set_hostname=false"])).toEqual(DEFAULTS);
  });

  for (const parameter of [
    "allow.mount",
    "allow.mount=true",
    "allow.set_hostname",
    "ip4.addr=10.0.0.1",
    "exec.start=/bin/sh /etc/rc",
    "devfs_ruleset=4",
    "vnet",
    "allow.sysvipc",
    "allow.nosysvipc",
    "host.hostname+=x",
    "nosuch",
    "constructor",
  ]) {
    test(`refuses ${parameter} as unsupported, by its name`, () => {
      expect(codeOf(parameter)).toBe("unsupported");
      const name = parameter.split(/\+?=/)[0] as string;
      expect(() => linuxJailSettings([parameter])).toThrow(`the jail parameter ${name} is not supported on Linux`);
    });
  }

  for (const parameter of [
    "allow.raw_sockets=maybe",
    "allow.raw_sockets=",
    "allow.noraw_sockets=true",
    "host.hostname",
    "host.hostname=",
    "host.hostname=a b",
    "host.hostname=-x",
    `host.hostname=${"x".repeat(65)}`,
    "",
    "=x",
    "a b",
  ]) {
    test(`refuses "${parameter.slice(0, 30)}" as invalid`, () => {
      expect(codeOf(parameter)).toBe("invalid");
    });
  }
});
