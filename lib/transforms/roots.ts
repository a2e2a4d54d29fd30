/** Tables of cosines and sines, kept for the lengths in use. */

/** cos and sin of pi k / h for k = 0, 1, ..., floor(h / 2). */
export interface Roots {
  /** cos(pi k / h). */
  cos: Float64Array;
  /** sin(pi k / h). */
  sin: Float64Array;
}

/** A program that sweeps over many lengths must not fill the memory. */
const KEPT = 16;
const tables = new Map<number, Roots>();

/** The table for h. */
export function roots(h: number): Roots {
  let found = tables.get(h);
  if (found === undefined) {
    const count = Math.floor(h / 2) + 1;
    found = { cos: new Float64Array(count), sin: new Float64Array(count) };
    for (let k = 0; k < count; k++) {
      found.cos[k] = Math.cos(Math.PI * k / h);
      found.sin[k] = Math.sin(Math.PI * k / h);
    }
    // A Map keeps the order of insertion: the first key is the oldest.
    if (tables.size >= KEPT) tables.delete(tables.keys().next().value!);
    tables.set(h, found);
  }
  return found;
}
