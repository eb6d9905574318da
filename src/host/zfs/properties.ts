import { KleeneError } from "../../errors.ts";
import type { Properties } from "./zfs.ts";

const PROPERTY = /^[a-z0-9][a-z0-9_.:@-]*$/;
const MAX_NAME = 255;
/** OpenZFS takes no longer value. */
const MAX_VALUE = 8191;
// A tab or a line break would make the machine-readable output ambiguous.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** @throws KleeneError `invalid` for what could be taken for an option or for several properties */
export function checkPropertyNames(names: readonly string[]): void {
  const wrong = names.find((name) => name.length > MAX_NAME || !PROPERTY.test(name));
  if (wrong !== undefined) throw new KleeneError("invalid", `"${wrong}" is not a property's name`);
}

/** `name=value` of each. @throws KleeneError `invalid` */
export function assignments(properties: Properties): string[] {
  checkPropertyNames(Object.keys(properties));
  return Object.entries(properties).map(([name, value]) => {
    if (CONTROL.test(value)) throw new KleeneError("invalid", `the value of property ${name} has a control character`);
    if (Buffer.byteLength(value) > MAX_VALUE) {
      throw new KleeneError("invalid", `the value of property ${name} is longer than ${MAX_VALUE} bytes`);
    }
    return `${name}=${value}`;
  });
}

/** `flag name=value` of each, as `zfs create -o` and `zpool create -O` take them. @throws KleeneError `invalid` */
export function propertyFlags(flag: "-o" | "-O", properties: Properties = {}): string[] {
  return assignments(properties).flatMap((assignment) => [flag, assignment]);
}
