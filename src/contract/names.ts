import * as v from "valibot";

/** Twelve hex digits: images, containers, execution instances, networks, snapshots. */
export const Id = v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/, "an ID has twelve hex digits"), v.brand("Id"));
export type Id = v.InferOutput<typeof Id>;

/** A container's, network's or volume's name. */
export const ObjectName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
    "a name begins with a letter or digit and has letters, digits, '_', '.' and '-', at most 128",
  ),
);

/** How a user names an object: its name, its ID or the beginning of the ID. */
export const Identifier = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, "not a name or an ID"));

/** `NAME=value`, or `NAME` alone for a variable whose value is taken from elsewhere. */
export const EnvironmentVariable = v.pipe(
  v.string(),
  v.check((text) => /^[^=\0]+(=[^\0]*)?$/.test(text), "an environment variable is NAME=value, without a NUL"),
);

/** One jail(8) parameter as it stands in jail.conf: `name`, `name=value` or `name+=value`. */
export const JailParameter = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z][a-zA-Z0-9_.]*(\s*\+?=[^\0\n]*)?$/, "a jail parameter is name or name=value"),
);

/** A boolean, or the words "true" and "false" that the older client sends. */
export const LooseBoolean = v.pipe(
  v.union([v.boolean(), v.picklist(["true", "false"])]),
  v.transform((value) => value === true || value === "true"),
);
