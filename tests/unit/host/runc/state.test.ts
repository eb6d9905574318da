import { expect, test } from "bun:test";
import { parseState, readState } from "../../../../src/host/runc/state.ts";

test("the first process and the annotations are read from runc's state", () => {
  const text = JSON.stringify({
    id: "x",
    init_process_pid: 4711,
    config: { labels: ["kleene.directory=/a=b/c", "bundle=/run/x"], rootfs: "/r" },
  });
  expect(parseState(text)).toEqual({ pid: 4711, annotations: { "kleene.directory": "/a=b/c", bundle: "/run/x" } });
});

test("a state without annotations has none", () => {
  expect(parseState('{"init_process_pid":1,"config":{"labels":null}}').annotations).toEqual({});
});

test("a state of another form is refused", () => {
  for (const text of ["", "{", "{}", '{"init_process_pid":"1","config":{}}']) {
    expect(() => parseState(text)).toThrow("unknown form");
  }
});

test("a jail that runc does not know has no state", async () => {
  expect(await readState("/nonexistent", "x")).toBeUndefined();
});
