/** A point of a line: the geometric mean over seeds with its extremes, and what the line is called. */
export type SpreadPoint<X extends string> = Record<X, number> & {
  value: number;
  low: number;
  high: number;
  line: string;
};

/**
 * Geometric mean and extremes of the field `y` over seeds, for every line and every value of the field `x`.
 */
export function spread<
  X extends string,
  Y extends string,
  R extends Record<X, number | null> & Record<Y, number>,
>(
  rows: readonly R[],
  x: X,
  y: Y,
  line: (row: R) => string,
): SpreadPoint<X>[] {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    if (!(row[y] > 0)) continue;
    const name = `${line(row)}|${row[x]}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((group) => {
    const values = group.map((row) => row[y]);
    const value = Math.exp(values.reduce((sum: number, v) => sum + Math.log(v), 0) / values.length);
    return {
      [x]: group[0][x],
      value,
      low: Math.min(...values),
      high: Math.max(...values),
      line: line(group[0]),
    } as SpreadPoint<X>;
  });
}
