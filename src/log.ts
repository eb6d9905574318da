import { createConsola } from "consola";

/** The daemon's log. It goes to stderr; stdout belongs to data. */
export const log = createConsola({ stdout: process.stderr, stderr: process.stderr });
