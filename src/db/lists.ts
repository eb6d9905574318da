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
