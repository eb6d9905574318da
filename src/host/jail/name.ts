import type { Brand } from "../../brand.ts";
import { KleeneError } from "../../errors.ts";

/** A jail's name as the kernel knows it: safe as an argument, in jail.conf(5) and in a file's name. */
export type KernelJailName = Brand<string, "KernelJailName">;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/**
 * The name under which a jail is known to the kernel. Names of digits only are jail IDs to jail(8) and refused by the
 * kernel, so those get a letter in front.
 * @throws KleeneError `invalid`
 */
export function kernelJailName(name: string): KernelJailName {
  if (!NAME.test(name)) throw new KleeneError("invalid", `"${name}" is not a jail's name`);
  return (/^[0-9]+$/.test(name) ? `j${name}` : name) as KernelJailName;
}
