import { type Matrix, requireInteger, requireMatrix, requireRealArray } from "../arrays/mod.ts";
import { powerOfTwoScale } from "../arrays/scaling.ts";

/**
 * The energy distance of two samples, 2 E|X - Y| - E|X - X'| - E|Y - Y'| (Szekely & Rizzo 2013, "Energy
 * statistics"), with plain means over all pairs, a point with itself included: not negative, 0 for equal
 * samples, and for two samples of one law of the order of 1 / n. Every pair is visited: the work grows with the
 * square of the number of points. A NaN in a point makes the distance NaN.
 *
 * @param x One point per row, at least one.
 * @param y The same, with as many columns.
 * @returns The distance, in the unit of the coordinates.
 * @throws {RangeError} if a sample is empty or the numbers of columns differ.
 * @throws {TypeError} if an argument is not a matrix of doubles.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { energyDistance } from "refigure/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = Matrix.fromRows([[0], [1]]);
 * // 2 * (3 + 2) / 2 - 1 / 2 - 0
 * assertAlmostEquals(energyDistance(x, Matrix.fromRows([[3]])), 4.5, 1e-14);
 * assertAlmostEquals(energyDistance(x, x), 0, 1e-14);
 * ```
 */
export function energyDistance(x: Matrix, y: Matrix): number {
  for (const [name, sample] of [["x", x], ["y", y]] as const) {
    requireMatrix(name, sample);
    requireRealArray(`${name}.data`, sample.data, "float64");
    requireInteger(`${name}.rows`, sample.rows, { min: 1 });
  }
  if (x.columns !== y.columns) {
    throw new RangeError(`\`y\` must have ${x.columns} columns, as \`x\` has, got ${y.columns}`);
  }
  // Squares must stay in range. One factor for both, from the larger of them.
  const ofX = powerOfTwoScale(x.data);
  const ofY = powerOfTwoScale(y.data);
  const { half, other } = ofX.half * ofX.other < ofY.half * ofY.other ? ofX : ofY;
  const scaledBy = (sample: Matrix) => sample.data.map((value) => value * half * other);
  const a = scaledBy(x);
  const b = scaledBy(y);
  const d = x.columns;
  const across = meanDistance(a, b, d);
  const distance = 2 * across - meanDistance(a, a, d) - meanDistance(b, b, d);
  // Rounding must not take the distance of equal samples below zero; NaN stays.
  return (distance < 0 ? 0 : distance) / half / other;
}

/** The mean distance of the pairs of two samples; of a sample with itself, half of them are visited. */
function meanDistance(a: Float64Array, b: Float64Array, d: number): number {
  let total = 0;
  for (let i = 0; i < a.length; i += d) {
    let sum = 0;
    for (let j = a === b ? i + d : 0; j < b.length; j += d) {
      let square = 0;
      for (let c = 0; c < d; c++) square += (a[i + c] - b[j + c]) ** 2;
      sum += Math.sqrt(square);
    }
    total += sum;
  }
  return (a === b ? 2 : 1) * total / (a.length / d) / (b.length / d);
}
