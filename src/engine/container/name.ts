import { randomInt } from "node:crypto";
import { findContainerByName } from "../../db/containers.ts";
import type { Database } from "../../db/database.ts";

const ADJECTIVES =
  "agile amber bold brave brisk calm candid clever crisp dapper eager early fair fleet gentle glad golden happy honest jolly keen kind lively loyal lucid mellow merry modest neat nimble noble patient polite proud quick quiet rapid sharp silent smooth snug solid spry steady stout sunny swift tidy vivid warm witty zesty";
const LOGICIANS =
  "ackermann aristotle bernays beth boole brouwer carnap church cohen curry dedekind frege gentzen girard goedel henkin herbrand hilbert howard kripke leibniz lob lukasiewicz mostowski novikov peano peirce post presburger quine ramsey robinson rosser russell scott shannon skolem tarski turing venn whitehead zermelo";

/** A free name for a container: an adjective and a logician, and a number when the pair is taken. */
export function inventName(db: Database): string {
  const name = `${pick(ADJECTIVES)}_${pick(LOGICIANS)}`;
  return findContainerByName(db, name) === undefined ? name : `${name}_${randomInt(100_000, 1_000_000)}`;
}

function pick(words: string): string {
  const list = words.split(" ");
  return list[randomInt(list.length)] as string;
}
