import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileError } from "../../../src/dockerfile/error.ts";
import { parseDockerfile } from "../../../src/dockerfile/parse.ts";

const CASES = join(import.meta.dir, "../../fixtures/dockerfile");

function parsed(text: string): unknown {
  try {
    return parseDockerfile(text);
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    return { problems: error.problems };
  }
}

for (const name of readdirSync(CASES)) {
  test(`the Dockerfile of the case ${name} is read as expected`, () => {
    const read = (file: string) => readFileSync(join(CASES, name, file), "utf8");
    expect(JSON.parse(JSON.stringify(parsed(read("Dockerfile"))))).toEqual(JSON.parse(read("expected.json")));
  });
}
