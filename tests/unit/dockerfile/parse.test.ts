// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile look like that
import { describe, expect, test } from "bun:test";
import { DockerfileError } from "../../../src/dockerfile/error.ts";
import { evaluate, resolveFrom } from "../../../src/dockerfile/evaluate.ts";
import { parseDockerfile } from "../../../src/dockerfile/parse.ts";

const PIECES = [
  ..."FROM RUN CMD COPY ENV ARG USER WORKDIR ADD from x base --from= --chown=1 -- AS <<EOF EOF # escape=`".split(" "),
  ..."\\ ` \" ' $ ${ } ${a:-${b ${a#* ${a/b/ [ ] , = : / * ? \0 \uFEFF é 😀 \uD800 \u00A0 a b 1".split(" "),
  ...[
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "\\\n",
    "`\n",
    '["a", "b"]',
    '["a"',
    "[1]",
    "# escape=`\n",
    "FROM base\n",
    "\nRUN ",
    "\nENV A=",
  ],
];

/** The same numbers on every run (a linear congruential generator). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield Math.floor(state / 65_536);
  }
}

describe("parseDockerfile", () => {
  test("throws nothing but DockerfileError, whatever the text, and what it accepts can be evaluated", () => {
    const random = numbers(42);
    let accepted = 0;
    for (let round = 0; round < 5000; round += 1) {
      const length = random.next().value % 25;
      const pieces = Array.from({ length }, () => PIECES[random.next().value % PIECES.length] ?? "");
      const text = (round % 2 === 0 ? "FROM base\n" : "") + pieces.join(round % 3 === 0 ? " " : "");
      try {
        const dockerfile = parseDockerfile(text);
        accepted += 1;
        resolveFrom(dockerfile, { a: "x" });
        evaluate({ dockerfile, buildArgs: {}, env: ["a=1"], user: "", workdir: "" });
      } catch (error) {
        if (!(error instanceof DockerfileError)) throw new Error(`for ${JSON.stringify(text)}`, { cause: error });
        expect(error.problems.length).toBeGreaterThan(0);
      }
    }
    expect(accepted).toBeGreaterThan(100);
  });

  test("refuses variables that are nested beyond measure", () => {
    const text = `FROM base\nENV A=${"${a:-".repeat(100_000)}x${"}".repeat(100_000)}`;
    expect(() => parseDockerfile(text)).toThrow("line 2: ENV: variables are nested too deeply");
  });

  test("reads a JSON array that is nested beyond measure as text", () => {
    expect(() => parseDockerfile(`FROM base\nRUN ${"[".repeat(200_000)}`)).not.toThrow();
  });

  test("names line, instruction and reason of every problem, in the order of the lines", () => {
    const text = "FROM base\nRUN\nCOPY a \\\n\nENTRYPOINT x\nCPOY a b\n";
    expect(() => parseDockerfile(text)).toThrow(
      [
        "line 2: RUN: the command is missing",
        'lines 3-5: COPY: several sources need a directory as destination, written with a "/" at its end: x/',
        "line 6: CPOY: there is no such instruction; is COPY meant?",
      ].join("\n"),
    );
  });

  test("fails with the code of a request that is wrong in itself", () => {
    expect(() => parseDockerfile("")).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});

describe("a hostile Dockerfile", () => {
  const lines = (count: number, line: (index: number) => string) =>
    `FROM base\n${Array.from({ length: count }, (_, index) => line(index)).join("\n")}`;

  test("has at most 2000 instructions, and that many are read", () => {
    expect(parseDockerfile(lines(1999, () => "RUN x")).instructions).toHaveLength(2000);
    expect(() => parseDockerfile(lines(100_000, () => "RUN x"))).toThrow(
      "line 2001: a Dockerfile has at most 2000 instructions",
    );
  });

  test("has at most 1000 variables, however they are spread", () => {
    const many = (count: number) => `ENV ${Array.from({ length: count }, (_, index) => `V${index}=1`).join(" ")}`;
    expect(parseDockerfile(`FROM base\n${many(1000)}`).instructions).toHaveLength(2);
    expect(() => parseDockerfile(`FROM base\n${many(100_000)}`)).toThrow(
      "line 2: a Dockerfile has at most 1000 variables",
    );
    expect(() => parseDockerfile(lines(1001, (index) => `ARG V${index}`))).toThrow("line 1002");
  });
});
