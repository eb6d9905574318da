// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like that
import { describe, expect, test } from "bun:test";
import { type EvaluationOptions, evaluate, resolveFrom } from "../../../src/dockerfile/evaluate.ts";
import { parseDockerfile } from "../../../src/dockerfile/parse.ts";
import type { CopyEffect, RunEffect } from "../../../src/dockerfile/step.ts";

type Given = Partial<Omit<EvaluationOptions, "dockerfile">>;

function evaluated(body: string, given: Given = {}) {
  const dockerfile = parseDockerfile(body.includes("FROM ") ? body : `FROM base\n${body}`);
  return evaluate({ dockerfile, buildArgs: {}, env: [], user: "", workdir: "", ...given });
}

function lastRun(body: string, given: Given = {}): RunEffect {
  const effect = evaluated(`${body}\nRUN x`, given).steps.at(-1)?.effect;
  if (effect?.kind !== "run") throw new Error("no RUN");
  return effect;
}

function copied(body: string, given: Given = {}): CopyEffect {
  const effect = evaluated(body, given).steps.at(-1)?.effect;
  if (effect?.kind !== "copy") throw new Error("no COPY");
  return effect;
}

describe("resolveFrom", () => {
  const from = (text: string, buildArgs: Record<string, string> = {}) => resolveFrom(parseDockerfile(text), buildArgs);

  test("gives the image as written, with its snapshot and its line", () => {
    expect(from("\nFROM ghcr.io/org/name:tag@abc")).toEqual({ image: "ghcr.io/org/name:tag@abc", line: 2 });
  });

  test("replaces the arguments that stand before it", () => {
    const text = 'ARG VERSION=14\nARG IMAGE="base:${VERSION}"\nFROM ${IMAGE}@$SNAPSHOT${SNAPSHOT:-first}';
    expect(from(text).image).toBe("base:14@first");
    expect(from(text, { VERSION: "15" }).image).toBe("base:15@first");
    expect(from(text, { SNAPSHOT: "not declared" }).image).toBe("base:14@first");
  });

  test("refuses an image that has become empty", () => {
    expect(() => from("FROM $IMAGE")).toThrow(
      "line 1: FROM: $IMAGE is empty; only an ARG before FROM gives it a value",
    );
  });

  test("refuses an argument that must be given and is not", () => {
    expect(() => from("ARG V=${W:?'say which'}\nFROM base:$V")).toThrow("line 1: ARG: W: say which");
  });
});

describe("variables", () => {
  test("of one ENV see the environment before it", () => {
    expect(evaluated("ENV A=1\nENV A=2 B=$A\nENV C=$A$B").result.env).toEqual(["A=2", "B=1", "C=21"]);
  });

  test("of the parent image are replaced where they stand", () => {
    const { result } = evaluated("ENV A=new B=$PATH:/x", { env: ["A=old", "PATH=/bin"] });
    expect(result.env).toEqual(["A=new", "PATH=/bin", "B=/bin:/x"]);
  });

  test("may have names that are made of variables, but must have one", () => {
    expect(evaluated('ARG N=X\nENV $N=1 "Q"=2').result.env).toEqual(["X=1", "Q=2"]);
    expect(() => evaluated("ENV $N=1")).toThrow("line 2: ENV: a variable's name is missing");
    expect(() => evaluated("ARG S='a b'\nENV $S=1")).toThrow('line 3: ENV: "a b" is not a variable\'s name');
  });

  test("in the older form of ENV hold the rest of the line", () => {
    expect(evaluated('ENV A x  "y" \\$z  ').result.env).toEqual(["A=x  y $z"]);
  });

  test("are left to the shell in RUN and CMD", () => {
    expect(lastRun("ENV A=1").argv).toEqual(["/bin/sh", "-c", "x"]);
    const { steps, result } = evaluated('ENV A=1\nRUN echo $A "${A}"\nRUN ["echo", "$A"]\nCMD echo $A');
    expect(steps.map(({ effect }) => (effect.kind === "run" ? effect.argv : []))).toEqual([
      [],
      [],
      ["/bin/sh", "-c", 'echo $A "${A}"'],
      ["echo", "$A"],
      [],
    ]);
    expect(result.cmd).toEqual(["/bin/sh", "-c", "echo $A"]);
  });
});

describe("ARG", () => {
  test("gives RUN a variable that the image does not keep", () => {
    expect(lastRun("ENV E=1\nARG A=2").env).toEqual(["E=1", "A=2"]);
    expect(evaluated("ENV E=1\nARG A=2").result.env).toEqual(["E=1"]);
  });

  test("holds only after it, and without a value it is unset", () => {
    expect(evaluated("ENV B=${A:-none}\nARG A=1\nENV C=$A\nARG D\nENV E=${D-unset}").result.env).toEqual([
      "B=none",
      "C=1",
      "E=unset",
    ]);
    expect(lastRun("ARG A").env).toEqual([]);
  });

  test("takes its value from --build-arg, else its default", () => {
    expect(lastRun("ARG A=1 B=2", { buildArgs: { A: "given" } }).env).toEqual(["A=given", "B=2"]);
    expect(lastRun("ARG A=1", { buildArgs: { A: "" } }).env).toEqual(["A="]);
  });

  test("gives way to an ENV of the same name, wherever that stands", () => {
    const options = { buildArgs: { V: "given" }, env: ["P=parent"] };
    expect(lastRun("ENV V=env\nARG V=default\nARG P=arg\nENV SEEN=$V$P", options).env).toEqual([
      "P=parent",
      "V=env",
      "SEEN=envparent",
    ]);
    expect(lastRun("ARG V=default\nENV V=env", options).env).toEqual(["P=parent", "V=env"]);
  });

  test("before FROM holds for FROM alone, until it is declared again", () => {
    const head = "ARG V=1\nFROM base:$V\n";
    expect(evaluated(`${head}ENV A=\${V-unset}`).result.env).toEqual(["A=unset"]);
    expect(evaluated(`${head}ARG V\nENV A=$V`).result.env).toEqual(["A=1"]);
    expect(evaluated(`${head}ARG V=2\nENV A=$V`).result.env).toEqual(["A=2"]);
    expect(evaluated(`${head}ARG V\nENV A=$V`, { buildArgs: { V: "3" } }).result.env).toEqual(["A=3"]);
  });

  test("is not needed for proxies, which are not kept either", () => {
    const given = { buildArgs: { HTTP_PROXY: "p", no_proxy: "q" } };
    expect(lastRun("", given).env).toEqual(["HTTP_PROXY=p", "no_proxy=q"]);
    expect(evaluated("ENV A=$HTTP_PROXY", given)).toMatchObject({ result: { env: ["A=p"] }, warnings: [] });
  });

  test("that is missing for a --build-arg is said", () => {
    const { warnings } = evaluated("ARG A=1\nFROM base\nARG B", { buildArgs: { A: "", B: "", C: "", D: "" } });
    expect(warnings).toEqual(["no ARG in the Dockerfile takes the build arguments C, D"]);
  });

  test("takes no NUL character, which no environment can hold", () => {
    expect(() => evaluated("ARG A", { buildArgs: { A: "x\0" } })).toThrow("the build argument A has a NUL character");
  });
});

describe("WORKDIR and USER", () => {
  test("relative directories are added up, and all are normalised", () => {
    const paths = (body: string, workdir = "") =>
      evaluated(body, { workdir }).steps.flatMap(({ effect }) => (effect.kind === "workdir" ? effect.path : []));
    expect(paths("WORKDIR a\nWORKDIR b/../c/\nWORKDIR /x//y/.\nWORKDIR ../../../z")).toEqual([
      "/a",
      "/a/c",
      "/x/y",
      "/z",
    ]);
    expect(paths('ENV D=d\nWORKDIR $D/"e f"\nWORKDIR g h', "/home")).toEqual(["/home/d/e f", "/home/d/e f/g h"]);
  });

  test("hold for the RUNs after them", () => {
    expect(lastRun("ARG G=wheel\nUSER www:$G\nWORKDIR /a")).toMatchObject({ user: "www:wheel", workdir: "/a" });
    expect(lastRun("", { user: "parent", workdir: "/p" })).toMatchObject({ user: "parent", workdir: "/p" });
    expect(lastRun("").workdir).toBe("/");
  });

  test("an empty directory is refused, an empty user is the default one", () => {
    expect(() => evaluated("WORKDIR $NONE")).toThrow("line 2: WORKDIR: $NONE is empty");
    const { result, warnings } = evaluated("USER $NONE", { user: "parent" });
    expect(result.user).toBe("");
    expect(warnings).toEqual(["line 2: USER: $NONE is empty, so the default user holds"]);
  });

  test("an empty group is none", () => {
    expect(evaluated("USER 1000:$NONE").result.user).toBe("1000");
  });

  test("what becomes no user is refused", () => {
    expect(() => evaluated("ENV U='a b'\nUSER $U")).toThrow('line 3: USER: "a b" is not user or user:group');
  });
});

describe("COPY", () => {
  test.each([
    ["COPY a b", "/work/b"],
    ["COPY a /b", "/b"],
    ["COPY a /b/", "/b/"],
    ["COPY a b c/", "/work/c/"],
    ["COPY a .", "/work/"],
    ["COPY a ./", "/work/"],
    ["COPY a ..", "/"],
    ["COPY a /", "/"],
    ["COPY a ../../../etc/x", "/etc/x"],
    ["COPY a c/./..", "/work/"],
    ['COPY a ""', "/work/"],
    ["COPY a b $D", "/d d/"],
    ['COPY ["a", "b", "${D}x y/"]', "/d d/x y/"],
  ])("%p goes to %p", (line, destination) => {
    expect(copied(`ENV D="/d d/"\nWORKDIR /work\n${line}`).destination).toBe(destination);
  });

  test("replaces variables in every argument without splitting it", () => {
    expect(copied("ARG S='a b' U=www M=755\nCOPY --chown=$U:$U --chmod=$M $S *.[ch] /x/")).toEqual({
      kind: "copy",
      sources: ["a b", "*.[ch]"],
      destination: "/x/",
      chown: "www:www",
      chmod: "755",
    });
  });

  test("takes an empty --chown for none", () => {
    expect(copied("COPY --chown=$NONE --chmod=$NONE a /b")).toEqual({
      kind: "copy",
      sources: ["a"],
      destination: "/b",
    });
  });

  test.each([
    ["COPY $NONE /x", "$NONE is empty"],
    ["COPY a b ${NONE:-/x}", 'several sources need a directory as destination, written with a "/" at its end: /x/'],
    ["COPY --chmod=u+x a /x", '--chmod takes one to four octal digits, as in --chmod=755, not "u+x"'],
    ["COPY --chown=a:b:c a /x", '"a:b:c" is not user or user:group'],
    ["COPY d/[a /x", "the pattern [a is malformed: a bracket or backslash is not completed"],
  ])("%p is refused before anything runs", (line, message) => {
    expect(() => evaluated(line)).toThrow(`line 2: COPY: ${message}`);
  });
});

describe("evaluate", () => {
  test("reports everything that is wrong at once", () => {
    expect(() => evaluated("ENV A=${B:?'no B'}\nUSER www\nWORKDIR $C\nCOPY --chmod=9 a b")).toThrow(
      [
        "line 2: ENV: B: no B",
        "line 4: WORKDIR: $C is empty",
        'line 5: COPY: --chmod takes one to four octal digits, as in --chmod=755, not "9"',
      ].join("\n"),
    );
  });

  test("gives one step for each instruction, those before FROM included", () => {
    const text = "ARG V=1\nFROM base:$V\nARG V\nENV A=1\nUSER u\nWORKDIR /\nCOPY a /\nRUN x\nCMD y";
    expect(evaluated(text).steps.map(({ effect }) => effect.kind)).toEqual([
      "arg",
      "from",
      "arg",
      "env",
      "user",
      "workdir",
      "copy",
      "run",
      "cmd",
    ]);
  });

  test("keeps the last CMD, an empty one too, and none is the parent's", () => {
    expect(evaluated('CMD a\nCMD ["b", "$c"]').result.cmd).toEqual(["b", "$c"]);
    expect(evaluated("CMD a\nCMD []").result.cmd).toEqual([]);
    expect(evaluated("RUN x").result.cmd).toBeUndefined();
  });

  test("gives the same when it is asked again", () => {
    const dockerfile = parseDockerfile("ARG A=1\nFROM base\nARG A\nENV A=$A$A\nWORKDIR x");
    const again = () => evaluate({ dockerfile, buildArgs: {}, env: [], user: "", workdir: "" });
    expect(again()).toEqual(again());
  });
});
