import { KleeneError } from "../../errors.ts";
import type { ListedDataset, Properties } from "./zfs.ts";

/** The rows of `-H` output, each of which must have `columns` columns. @throws KleeneError `internal` */
export function parseRows(program: string, text: string, columns: number): string[][] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => {
    const cells = line.split("\t");
    if (cells.length !== columns) {
      throw new KleeneError("internal", `${program} printed ${cells.length} columns, not ${columns}: ${line}`);
    }
    return cells;
  });
}

/** `zfs get -Hp -o property,value,source`. What is not set has neither a value nor a source and is left out. */
export function parseProperties(text: string): Properties {
  const rows = parseRows("zfs get", text, 3) as [string, string, string][];
  return Object.fromEntries(
    rows.filter(([, value, source]) => value !== "-" || source !== "-").map(([property, value]) => [property, value]),
  );
}

/** `zfs list -H -o name,<properties>`. */
export function parseList(text: string, properties: readonly string[]): ListedDataset[] {
  return parseRows("zfs list", text, properties.length + 1).map(([name = "", ...values]) => ({
    name,
    properties: Object.fromEntries(
      properties.flatMap((property, i) => {
        const value = values[i] ?? "-";
        return value === "-" ? [] : [[property, value]];
      }),
    ),
  }));
}
