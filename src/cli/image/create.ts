import { resolve } from "node:path";
import { follow } from "../../client/stream.ts";
import type { ImageCreateRequest } from "../../contract/image.ts";
import { defineCommand, type Options, type Values } from "../command.ts";
import { UsageError } from "../command-line.ts";
import { print, say } from "../standard-output.ts";
import { outputListener } from "../stream-output.ts";

const METHODS = ["fetch-auto", "fetch", "zfs-copy", "zfs-clone"] as const;
type Method = (typeof METHODS)[number];

const ARGS = {
  tag: { type: "string", alias: "t", valueHint: "NAME[:TAG]", description: "the image's name (default tag: latest)" },
  dns: { type: "boolean", default: true, description: "copy the host's resolv.conf into the image" },
  localtime: { type: "boolean", default: true, description: "copy the host's time zone into the image" },
  update: { type: "boolean", alias: "u", description: "install the userland's updates" },
  autotag: {
    type: "boolean",
    alias: "a",
    description: "fetch-auto: name the image after the release (default: unless --tag is given)",
    negativeDescription: "fetch-auto: do not name the image after the release",
  },
  sha256: { type: "string", valueHint: "CHECKSUM", description: "fetch: the archive's SHA-256 checksum" },
  method: { type: "positional", valueHint: "METHOD", description: METHODS.join(", ") },
  source: {
    type: "positional",
    required: false,
    valueHint: "SOURCE",
    description: "fetch: a path or URL of an archive; zfs-copy, zfs-clone: a dataset",
  },
} as const satisfies Options;

export const create = defineCommand({
  meta: { name: "create", description: "Make a base image: from the host's release, an archive or a dataset" },
  args: ARGS,
  examples: [
    "kleene image create -t base fetch-auto",
    "kleene image create -t FreeBSD:14.1 fetch https://download.freebsd.org/releases/amd64/14.1-RELEASE/base.txz",
    "kleene image create -t mine zfs-copy zroot/jails/mine",
  ],
  run: async (args, { connect }) => {
    const connection = await connect();
    const listener = outputListener();
    const { id } = await follow(connection, "/images/create", imageCreateRequest(args), listener).finally(
      listener.clear,
    );
    if (id === undefined) await say("image created");
    else await print(id);
    return 0;
  },
});

/** @throws UsageError for what cannot be, before the daemon is asked */
export function imageCreateRequest(args: Values<typeof ARGS>, directory = process.cwd()): ImageCreateRequest {
  const method = METHODS.find((known) => known === args.method);
  if (method === undefined) throw new UsageError(`unknown method ${args.method}: it is one of ${METHODS.join(", ")}`);
  const source = sourceOf(method, args.source, directory);
  if (method !== "fetch-auto" && args.tag === undefined) throw new UsageError(`the method ${method} needs --tag NAME`);
  if (method !== "fetch" && args.sha256 !== undefined) throw new UsageError("--sha256 goes with the method fetch");
  if (args.sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(args.sha256)) {
    throw new UsageError("--sha256 is a checksum of 64 hex digits");
  }
  return {
    method,
    url: method === "fetch" ? source : "",
    zfs_dataset: method === "zfs-copy" || method === "zfs-clone" ? source : "",
    tag: args.tag ?? "",
    dns: args.dns,
    localtime: args.localtime,
    update: args.update,
    autotag: method === "fetch-auto" && (args.autotag ?? args.tag === undefined),
    sha256: args.sha256 ?? "",
  };
}

function sourceOf(method: Method, source: string | undefined, directory: string): string {
  if (method === "fetch-auto") {
    if (source !== undefined) throw new UsageError("the method fetch-auto takes no source");
    return "";
  }
  if (source === undefined || source === "") {
    throw new UsageError(`the method ${method} needs ${method === "fetch" ? "a path or URL" : "a dataset"}`);
  }
  return method !== "fetch" || /^[a-z][a-z0-9+.-]*:/i.test(source) ? source : resolve(directory, source);
}
