import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as v from "valibot";
import { KleeneError } from "../errors.ts";

/** What the middlewares of a route leave in its context. */
export interface ApiEnv {
  Variables: { survivable?: readonly ContentfulStatusCode[] };
}

/** The failure statuses that Kleened's client survives at this endpoint; see `errorStatus`. */
export function survivable(...statuses: ContentfulStatusCode[]): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    c.set("survivable", statuses);
    await next();
  });
}

type Target = "json" | "query" | "param";

/** Checks a part of the request against its schema; the route reads the result by `c.req.valid(target)`. */
export function valid<T extends Target, Schema extends v.GenericSchema>(target: T, schema: Schema) {
  return createMiddleware<
    ApiEnv,
    string,
    { in: { [K in T]: v.InferInput<Schema> }; out: { [K in T]: v.InferOutput<Schema> } }
  >(async (c, next) => {
    const value =
      target === "json" ? parseJson(await c.req.text()) : target === "query" ? c.req.query() : c.req.param();
    // Hono types validated data by the target's own shape; ours is what the schema gives.
    c.req.addValidatedData(target, check(schema, value) as object);
    await next();
  });
}

/** @throws KleeneError `invalid` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KleeneError("invalid", "the request is not JSON", { cause });
  }
}

/** @throws KleeneError `invalid` that names each wrong key */
export function check<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new KleeneError("invalid", result.issues.map(describeIssue).join("; "));
}

/** One issue in words, `key: what is wrong`. */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const text = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return path === null ? text : `${path}: ${text}`;
}

/** A path parameter that is a name, an ID or the beginning of an ID, as the user typed it. */
export const ById = v.object({ id: v.pipe(v.string(), v.nonEmpty()) });
