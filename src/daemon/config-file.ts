import { readFileSync } from "node:fs";
import * as v from "valibot";
import { KleeneError, systemErrorCode } from "../errors.ts";
import type { Platform } from "../platform/platform.ts";
import { suggestion } from "../suggestion.ts";

const DEFAULT_PATH: Readonly<Record<Platform["name"], string>> = {
  freebsd: "/usr/local/etc/kleene/config.yaml",
  linux: "/etc/kleene/config.yaml",
};

/** In Kleened's words, and how the log counts them: 0 is the gravest. */
export const LOG_LEVELS = { critical: 0, error: 0, warning: 1, notice: 2, info: 3, debug: 4 } as const;
export type LogLevel = keyof typeof LOG_LEVELS;
export const LogLevel = v.picklist(Object.keys(LOG_LEVELS) as LogLevel[]);

const ListeningSocket = v.strictObject({
  address: v.string(),
  /** Paths of PEM files. */
  tlscert: v.optional(v.string()),
  tlskey: v.optional(v.string()),
  tlscacert: v.optional(v.string()),
  /** Only clients with a certificate of `tlscacert`. */
  tlsverify: v.optional(v.boolean(), false),
  /** Plain HTTP on an address that other machines reach. */
  insecure: v.optional(v.boolean(), false),
});
export type ListeningSocket = v.InferOutput<typeof ListeningSocket>;

const ConfigFile = v.strictObject({
  kleene_root: v.optional(v.string()),
  api_listening_sockets: v.optional(v.pipe(v.array(ListeningSocket), v.minLength(1, "at least one is needed"))),
  enable_logging: v.optional(v.boolean()),
  log_level: v.optional(LogLevel),
  run_directory: v.optional(v.string()),
});
export type ConfigFile = v.InferOutput<typeof ConfigFile>;

/** Where the configuration lies when nobody says otherwise. */
export function defaultConfigPath(platform: Platform["name"]): string {
  return DEFAULT_PATH[platform];
}

/** The file's content; that of a missing file is `{}` unless it was asked for. @throws KleeneError `invalid` */
export function readConfigFile(path: string, mustExist: boolean): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (!mustExist && systemErrorCode(cause) === "ENOENT") return {};
    throw new KleeneError("invalid", `cannot read the configuration ${path}`, { cause });
  }
  return parseConfigFile(path, text);
}

/** @param path for messages. @throws KleeneError `invalid` that names the file and each wrong key */
export function parseConfigFile(path: string, text: string): ConfigFile {
  let content: unknown;
  try {
    content = Bun.YAML.parse(text) ?? {};
    if (Array.isArray(content)) content = undefined;
  } catch (cause) {
    throw new KleeneError("invalid", `${path} is not YAML`, { cause });
  }
  const result = v.safeParse(ConfigFile, content);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${path}: ${describeProblem(issue)}`);
  throw new KleeneError("invalid", problems.join("\n"));
}

function describeProblem(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue);
  if (key === null) return "the file has to hold keys with values";
  if (issue.type === "strict_object" && issue.expected === "never") return `${key}: unknown key${didYouMean(key)}`;
  if (issue.type === "strict_object") return `${key}: missing`;
  const expected = issue.expected ?? "";
  if (issue.kind === "validation" || expected === "") return `${key}: ${issue.message}`;
  return `${key}: expected ${expected.replaceAll('"', "")} but found ${issue.received.replaceAll('"', "")}`;
}

function didYouMean(key: string): string {
  const parts = key.split(".");
  const known = Object.keys(parts.length === 1 ? ConfigFile.entries : ListeningSocket.entries);
  const word = suggestion(parts.at(-1) ?? "", known);
  return word === undefined ? `; known are ${known.join(", ")}` : `; did you mean ${word}?`;
}
