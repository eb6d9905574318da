import { defineGroup } from "./command.ts";

const build = async () => (await import("./image/build.ts")).build;
const imageList = async () => (await import("./image/list.ts")).list;
const imageRemove = async () => (await import("./image/remove.ts")).remove;
const imageInspect = async () => (await import("./image/inspect.ts")).inspect;
const imageTag = async () => (await import("./image/tag.ts")).tag;
const create = async () => (await import("./container/create.ts")).create;
const run = async () => (await import("./container/run.ts")).run;
const start = async () => (await import("./container/start.ts")).start;
const stop = async () => (await import("./container/stop.ts")).stop;
const exec = async () => (await import("./container/exec.ts")).exec;
const containerList = async () => (await import("./container/list.ts")).list;
const containerRemove = async () => (await import("./container/remove.ts")).remove;
const containerInspect = async () => (await import("./container/inspect.ts")).inspect;

const image = defineGroup({
  meta: { description: "Work with images" },
  sections: {
    Commands: {
      create: async () => (await import("./image/create.ts")).create,
      build,
      ls: imageList,
      inspect: imageInspect,
      tag: imageTag,
      rm: imageRemove,
      prune: async () => (await import("./image/prune.ts")).prune,
    },
  },
});

const container = defineGroup({
  meta: { description: "Work with containers" },
  sections: {
    Commands: {
      run,
      create,
      start,
      stop,
      exec,
      ls: containerList,
      inspect: containerInspect,
      rm: containerRemove,
      prune: async () => (await import("./container/prune.ts")).prune,
    },
  },
});

/** Every command. */
export const COMMAND_TREE = defineGroup({
  meta: { description: "Images, containers, networks and volumes on ZFS and jails." },
  sections: {
    "Main commands": {
      build,
      run,
      exec,
      ps: containerList,
      images: imageList,
    },
    Objects: {
      image: async () => image,
      container: async () => container,
      network: async () => (await import("./planned.ts")).plannedCommand("network", "networks"),
      volume: async () => (await import("./planned.ts")).plannedCommand("volume", "volumes"),
    },
    "More commands": {
      create,
      start,
      stop,
      rm: containerRemove,
      tag: imageTag,
      inspect: async () => (await import("./inspect.ts")).inspect,
    },
    "Short forms": {
      lsc: containerList,
      lsi: imageList,
      isc: containerInspect,
      isi: imageInspect,
      rmc: containerRemove,
      rmi: imageRemove,
    },
    System: {
      init: async () => (await import("./system/init.ts")).init,
      info: async () => (await import("./system/info.ts")).info,
      version: async () => (await import("./system/version.ts")).version,
      daemon: async () => (await import("./daemon.ts")).daemon,
    },
  },
  examples: ["kleene image create -t base fetch-auto", "kleene build -t hello .", "kleene run --rm hello"],
});
