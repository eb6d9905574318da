import { describe, expect, test } from "bun:test";
import { defineCommand, type Options } from "../../../src/cli/command.ts";
import { bindValues, parseLine } from "../../../src/cli/command-line.ts";

const RUN = {
  detach: { type: "boolean", alias: "d" },
  persist: { type: "boolean", alias: "P" },
  env: { type: "string", alias: "e", multiple: true },
  name: { type: "string" },
  buildArg: { type: "string", multiple: true },
  driver: { type: "enum", alias: "l", options: ["host", "disabled"], default: "host" },
  dns: { type: "boolean", default: true },
  autotag: { type: "boolean", negativeDescription: "no" },
  image: { type: "positional" },
  command: { type: "positional", multiple: true, required: false },
} as const satisfies Options;

function run(line: string, optionsFirst = true): Readonly<Record<string, unknown>> {
  return bindValues(parseLine(line === "" ? [] : line.split(" "), RUN, { optionsFirst }), RUN);
}

const DEFAULTS = {
  detach: false,
  persist: false,
  env: [],
  name: undefined,
  buildArg: [],
  driver: "host",
  dns: true,
  autotag: undefined,
  image: "base",
  command: [],
};

describe("the argument layer understands", () => {
  test.each<[string, object]>([
    ["base", {}],
    ["-d base", { detach: true }],
    ["-dP base", { detach: true, persist: true }],
    ["-dPe A=1 base", { detach: true, persist: true, env: ["A=1"] }],
    ["-deA=1 base", { detach: true, env: ["A=1"] }],
    ["-e A=1 -e B=2 base", { env: ["A=1", "B=2"] }],
    ["--env=A=1 --env B base", { env: ["A=1", "B"] }],
    ["-e=A=1 base", { env: ["A=1"] }],
    ["--build-arg A=1 --build-arg=B base", { buildArg: ["A=1", "B"] }],
    ["--name=web base", { name: "web" }],
    ["--name a --name b base", { name: "b" }],
    ["--name= base", { name: "" }],
    ["--no-dns base", { dns: false }],
    ["--no-dns --dns base", { dns: true }],
    ["--dns=false base", { dns: false }],
    ["-d=false base", { detach: false }],
    ["--autotag base", { autotag: true }],
    ["--no-autotag base", { autotag: false }],
    ["-l disabled base", { driver: "disabled" }],
    ["base sh -c ls", { command: ["sh", "-c", "ls"] }],
    ["base ls -d --name x", { command: ["ls", "-d", "--name", "x"] }],
    ["base ls --nonsense", { command: ["ls", "--nonsense"] }],
    ["base -- ls -l", { command: ["ls", "-l"] }],
    ["base ls -- -l", { command: ["ls", "--", "-l"] }],
    ["-- base -x", { command: ["-x"] }],
    ["-d -- -odd", { detach: true, image: "-odd" }],
    ["- ls", { image: "-", command: ["ls"] }],
    ["-e -x base", { env: ["-x"] }],
  ])("%s", (line, expected) => {
    expect(run(line)).toEqual({ ...DEFAULTS, ...expected });
  });

  test("options after positionals where the command takes no command line of its own", () => {
    expect(run("base one -d two --name=web", false)).toEqual({
      ...DEFAULTS,
      detach: true,
      name: "web",
      command: ["one", "two"],
    });
    expect(run("base -- -d", false)).toEqual({ ...DEFAULTS, command: ["-d"] });
  });

  test("empty words and words with blanks as they are", () => {
    const line = parseLine(["-e", "A=b c", "base", "", "x y"], RUN, { optionsFirst: true });
    expect(bindValues(line, RUN)).toEqual({ ...DEFAULTS, env: ["A=b c"], command: ["", "x y"] });
  });
});

describe("the argument layer refuses", () => {
  test.each([
    ["--nmae x base", "unknown option --nmae, did you mean --name?"],
    ["--detahc base", "unknown option --detahc, did you mean --detach?"],
    ["--zzz base", "unknown option --zzz"],
    ["--no-name base", "unknown option --no-name"],
    ["--no-nothing base", "unknown option --no-nothing"],
    ["-x base", "unknown option -x"],
    ["-dx base", "unknown option -x in -dx"],
    ["-name base", "unknown option -n in -name, did you mean --name?"],
    ["--name", "--name needs a value"],
    ["base -e", "-e needs a value"],
    ["--detach=maybe base", "--detach is true or false, not maybe"],
    ["-l bridge base", "-l is one of host, disabled, not bridge"],
    ["", "an IMAGE is missing"],
    ["--constructor base", "unknown option --constructor"],
    ["--__proto__ base", "unknown option --__proto__"],
  ])("%s", (line, message) => {
    expect(() => run(line, line !== "base -e")).toThrow(message);
  });

  test("a positional too many", () => {
    const options = { image: { type: "positional" } } as const satisfies Options;
    expect(() => bindValues(parseLine(["a", "b"], options), options)).toThrow("unexpected argument b");
  });

  test("a list without its first element", () => {
    const options = { images: { type: "positional", multiple: true, valueHint: "IMAGE" } } as const satisfies Options;
    expect(() => bindValues(parseLine([], options), options)).toThrow("an IMAGE is missing");
    expect(bindValues(parseLine(["a", "b"], options), options)).toEqual({ images: ["a", "b"] });
  });
});

test("a command's values have the types of their options", () => {
  defineCommand({
    meta: { description: "types" },
    args: RUN,
    run: async (args) => {
      const typed: {
        readonly detach: boolean;
        readonly env: readonly string[];
        readonly name: string | undefined;
        readonly driver: "host" | "disabled";
        readonly autotag: boolean | undefined;
        readonly image: string;
      } = args;
      return typed.detach ? 1 : 0;
    },
  });
});
