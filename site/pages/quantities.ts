/** The texts of a claim, taken apart into its quantities again, to be shown side by side. */

/** One quantity of a claim; one without a bound was measured for context. */
export interface Quantity {
  name: string;
  expected?: string;
  measured?: string;
}

/**
 * The quantities of a claim's `expected` and `measured`. Both are lists of a name and a text, in the same order, the
 * measured one with more at the end; undefined if they are not, as when a measurement failed.
 */
export function quantitiesOf(expected: string, measured: string): Quantity[] | undefined {
  const bounds = expected.split("; ");
  const parts = measured.split("; ");
  if (parts.length < bounds.length) return undefined;
  const quantities: Quantity[] = [];
  for (const [i, part] of parts.entries()) {
    // A number, a range, "below 1e-13" or "no values" after the name.
    const match = /^(.+?) (below \S+|no values|\S+)$/.exec(part);
    if (match === null) return undefined;
    const [, name, value] = match;
    if (i >= bounds.length) quantities.push({ name, measured: value });
    else if (!bounds[i].startsWith(`${name} `)) return undefined;
    else quantities.push({ name, expected: bounds[i].slice(name.length + 1), measured: value });
  }
  return quantities;
}
