import { Matrix, requireInteger, requireNumbers } from "../arrays/mod.ts";

/**
 * Which share of one selection is in another: |A ∩ B| / |A| for every two of k selections of equal size.
 * Independent selections of a share q overlap by q.
 *
 * @param sets k selections, each of the same number of distinct indices.
 * @returns k x k, symmetric, with ones on the diagonal.
 * @throws {RangeError} if there is no selection, sizes differ, or an index occurs twice or is not an integer
 * of at least 0.
 * @throws {TypeError} if `sets` is not an array of arrays of numbers.
 *
 * @example
 * ```ts
 * import { overlapMatrix } from "refigure/data_selection";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(overlapMatrix([[1, 2], [2, 3]]).toRows(), [[1, 0.5], [0.5, 1]]);
 * ```
 */
export function overlapMatrix(sets: readonly ArrayLike<number>[]): Matrix {
  if (!Array.isArray(sets)) throw new TypeError("`sets` must be an array of selections");
  requireInteger("sets.length", sets.length, { min: 1 });
  const members = sets.map((set, i) => {
    requireNumbers(`sets[${i}]`, set);
    requireInteger(`sets[${i}].length`, set.length, { min: 1 });
    if (set.length !== sets[0].length) {
      throw new RangeError(
        `\`sets[${i}].length\` must be ${sets[0].length}, that of the first, got ${set.length}`,
      );
    }
    const distinct = new Set<number>();
    for (let j = 0; j < set.length; j++) {
      requireInteger(`sets[${i}][${j}]`, set[j]);
      if (distinct.has(set[j])) {
        throw new RangeError(`\`sets[${i}]\` must be distinct indices, has ${set[j]} twice`);
      }
      distinct.add(set[j]);
    }
    return distinct;
  });
  const overlaps = Matrix.identity(sets.length);
  for (let i = 0; i < sets.length; i++) {
    for (let j = 0; j < i; j++) {
      const share = members[i].intersection(members[j]).size / members[i].size;
      overlaps.set(i, j, share);
      overlaps.set(j, i, share);
    }
  }
  return overlaps;
}
