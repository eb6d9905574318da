import { expect, test } from "bun:test";
import { outputListener } from "../../../src/cli/stream-output.ts";

test("a line with a Dockerfile's text in it cannot command the terminal", async () => {
  const lines: string[] = [];
  const listener = outputListener({ linesTo: async (line) => void lines.push(line) });
  await listener.status?.("Step 2/2 : RUN true \x1b]0;title\x07 \u009b2J");
  expect(lines).toEqual(["Step 2/2 : RUN true \\x1b]0;title\\x07 \\x9b2J"]);
});
