/** Groups rows, which come ordered by position, by the object that they belong to. */
export function groupRows<Row, Value>(
  rows: readonly Row[],
  owner: (row: Row) => string,
  value: (row: Row) => Value,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const group = groups.get(owner(row));
    if (group === undefined) groups.set(owner(row), [value(row)]);
    else group.push(value(row));
  }
  return groups;
}

/** SQLite takes 32,766 values in one statement, and a list's row has four at most. */
const ROWS_AT_ONCE = 5_000;

/** Inserts the rows of a list, however long it is; an empty one inserts nothing. */
export function insertRows<Row>(rows: readonly Row[], insert: (some: Row[]) => void): void {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) insert(rows.slice(start, start + ROWS_AT_ONCE));
}
