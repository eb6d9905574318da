import { expect, spyOn, test } from "bun:test";
import { each } from "../../../src/cli/each.ts";
import * as output from "../../../src/cli/standard-output.ts";
import { KleeneError } from "../../../src/errors.ts";

async function failuresOf(names: readonly string[], message: (name: string) => string): Promise<string[]> {
  const lines: string[] = [];
  using _say = spyOn(output, "say").mockImplementation(async (line) => void lines.push(line));
  const status = await each("kleene", names, async (name) => {
    throw new KleeneError("conflict", message(name));
  });
  expect(status).toBe(125);
  return lines;
}

test("of several objects, a failure says which one it is about", async () => {
  expect(await failuresOf(["a", "b"], () => "it runs")).toEqual(["kleene: a: it runs", "kleene: b: it runs"]);
});

test("a failure that names its object, or is about the only one, is told as it is", async () => {
  expect(await failuresOf(["web", "db"], (name) => `${name} runs`)).toEqual(["kleene: web runs", "kleene: db runs"]);
  expect(await failuresOf(["a"], () => "it runs")).toEqual(["kleene: it runs"]);
});
