import * as v from "valibot";
import { KleeneError } from "../errors.ts";

/** Reads what a FreeBSD program prints with `--libxo json`. @throws KleeneError `internal` for another form */
export function parseLibxo<Schema extends v.GenericSchema>(
  program: string,
  schema: Schema,
  text: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (parsed.success) return parsed.output;
  const [{ message }] = parsed.issues;
  throw new KleeneError("internal", `${program} wrote something unexpected: ${message}`);
}

/** A positive whole number, which some programs write as a string. */
export const LibxoId = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(String),
  v.regex(/^[1-9][0-9]*$/),
  v.transform(Number),
);
