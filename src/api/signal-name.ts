import { constants } from "node:os";
import { KleeneError } from "../errors.ts";

/** `TERM` or `SIGTERM` as this system's signal. @throws KleeneError `invalid` */
export function signalName(text: string): NodeJS.Signals {
  const name = text.startsWith("SIG") ? text : `SIG${text}`;
  if (!isSignal(name)) throw new KleeneError("invalid", `there is no signal ${text}`);
  return name;
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}
