import { expect, test } from "bun:test";
import { containerTable } from "../../../src/cli/container/list.ts";
import { checkText } from "../../../src/cli/system/init.ts";
import type { ContainerSummary } from "../../../src/contract/container.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

const WEB: ContainerSummary = {
  id: "0123456789ab",
  name: "web",
  image_id: "ba9876543210",
  image_name: "hello",
  image_tag: "latest",
  cmd: ["flask", "run"],
  user: "",
  env: [],
  network_driver: "host",
  public_ports: [],
  jail_param: [],
  restart_policy: "no",
  persist: false,
  created: "2026-03-01T10:00:00.000000Z",
  dataset: "zroot/kleene/container/0123456789ab",
  running: true,
  jid: 7,
  status: "running",
  exit_code: null,
  started: "2026-03-01T11:57:00.000000Z",
  finished: null,
  workdir: "/",
  auto_remove: false,
};

test("containers are listed with what they run and how they are", () => {
  const done: ContainerSummary = {
    ...WEB,
    id: "cdef01234567",
    name: "job",
    image_name: "",
    image_tag: "",
    cmd: ["sh", "-c", "x".repeat(60)],
    running: false,
    status: "exited",
    exit_code: 3,
    finished: "2026-03-01T11:59:50.000000Z",
    jid: null,
  };
  const idle: ContainerSummary = {
    ...WEB,
    name: "idle",
    image_tag: "dev",
    running: false,
    status: "created",
    jid: null,
  };
  expect(containerTable([WEB, done, idle], NOW).split("\n")).toEqual([
    "ID            NAME  IMAGE         COMMAND                                   CREATED      STATUS                     JID",
    "0123456789ab  web   hello         flask run                                 2 hours ago  up 3 minutes               7",
    `cdef01234567  job   ba9876543210  sh -c ${"x".repeat(31)}...  2 hours ago  exited (3) 10 seconds ago`,
    "0123456789ab  idle  hello:dev     flask run                                 2 hours ago  created",
  ]);
});

test("a check is a line, and its remedy another", () => {
  expect(checkText({ name: "zfs", outcome: "ok", detail: "in the kernel" })).toBe(
    "ok     zfs             in the kernel",
  );
  expect(checkText({ name: "runc", outcome: "failed", detail: "not installed", remedy: "apt-get install runc" })).toBe(
    "FAIL   runc            not installed\n                       try: apt-get install runc",
  );
});
