/** The named fields of a row; names that are undefined are left out. */
export function pick(row: object, names: readonly (string | undefined)[]): object {
  return Object.fromEntries(
    names.flatMap((name) => name === undefined ? [] : [[name, row[name as keyof typeof row]]]),
  );
}

/** The channels `x` and `y` of a mark by field name; a channel that is not named is that of the view. */
export function place(x: string | undefined, y: string | undefined): Record<string, { field: string }> {
  return { ...(x === undefined ? {} : { x: { field: x } }), ...(y === undefined ? {} : { y: { field: y } }) };
}

/** The channel of a fixed colour; without one, nothing, and the view's colours hold. */
export function paint(color: string | undefined): Record<string, { value: string }> {
  return color === undefined ? {} : { color: { value: color } };
}
