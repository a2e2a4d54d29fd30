import { type Matrix, requireFinite, requireInteger, requireMatrix, type Rng } from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";
import { qr } from "../linalg/mod.ts";
import { appendOrthonormal } from "./append_orthonormal.ts";
import { type DppDraw, FunctionSpace, requireDimension } from "./function_space.ts";

/** How far the basis may be from orthonormal. */
const TOLERANCE = 1e-6;

/**
 * Any functions on N candidates with equal probabilities: in any dimension, on any domain. A point of the
 * space is the number of a candidate, 0 to N - 1. {@linkcode orthonormalColumns} makes a basis of any
 * functions.
 *
 * A draw of the determinantal point process takes O(N m^2) operations and rejects nothing: candidates are
 * drawn by their squared residuals, which each new point makes smaller.
 *
 * @param phi One row per candidate, one column per function; `phi^T phi / N` is the identity matrix.
 * @throws {RangeError} if an entry of that product is off by more than 1e-6, or an entry of `phi` is not
 * finite.
 * @throws {TypeError} if `phi` is not a matrix of doubles.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { discreteSpace, orthonormalColumns } from "refigure/sampling";
 * import { assertAlmostEquals, assertNotEquals } from "@std/assert";
 *
 * // Straight lines on 0, 1, ..., 5.
 * const space = discreteSpace(orthonormalColumns(Matrix.from(6, 2, (i, j) => i ** j)));
 * assertAlmostEquals(space.leverage(0), 22 / 7, 1e-12);
 * const [a, b] = space.sampleDpp({ rng: new Rng(2) }).points;
 * assertNotEquals(a, b);
 * ```
 */
export function discreteSpace(phi: Matrix): FunctionSpace {
  requireMatrix("phi", phi);
  if (phi.dtype !== "float64") throw new TypeError("`phi` must be a float64 Matrix, got a float32 one");
  const dimension = requireDimension(phi.columns);
  requireFinite("`phi` must be finite", phi.data, dimension);
  requireOrthonormal(phi);
  const values = phi.clone();
  const leverages = new Float64Array(phi.rows);
  for (let k = 0; k < values.data.length; k++) leverages[Math.floor(k / dimension)] += values.data[k] ** 2;
  let sum = 0;
  const cumulative = leverages.map((leverage) => sum += leverage);
  return new FunctionSpace({
    dimension,
    basis: (x) => values.row(x),
    drawMeasure: (rng) => rng.integer(phi.rows),
    drawLeverage: (rng) => firstAbove(cumulative, rng.uniform() * sum),
    drawDpp: (rng) => drawDpp(values, leverages, rng),
    requirePoint: (name, x) => requireInteger(name, x, { max: values.rows - 1 }),
  });
}

/**
 * An orthonormal basis of the functions in the columns of a matrix, for {@linkcode discreteSpace}, by QR
 * factorization.
 *
 * @param values One row per candidate, one column per function.
 * @returns A matrix `phi` of the same size and column space, with `phi^T phi / N` the identity matrix.
 * @throws {RangeError} if the functions are linearly dependent, or a value is not finite.
 * @throws {TypeError} if `values` is not a matrix of doubles.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { orthonormalColumns } from "refigure/sampling";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const phi = orthonormalColumns(Matrix.fromRows([[1, 0], [1, 2]]));
 * assertAlmostEquals(phi.get(1, 1), 1, 1e-15); // (x - 1) / 1
 * ```
 */
export function orthonormalColumns(values: Matrix): Matrix {
  requireMatrix("values", values);
  if (values.dtype !== "float64") throw new TypeError("`values` must be a float64 Matrix, got a float32 one");
  const { rows, columns } = values;
  if (rows < columns) {
    throw new RangeError(`\`values\` must have at least one row per column, got ${rows} x ${columns}`);
  }
  const { q, r } = qr(values);
  for (let j = 0; j < columns; j++) {
    let norm = 0;
    for (let i = 0; i <= j; i++) norm = Math.hypot(norm, r.get(i, j));
    if (!(r.get(j, j) > 1e-13 * norm)) {
      throw new RangeError(`\`values\` must have independent columns, got column ${j} in the span of others`);
    }
  }
  return q.times(Math.sqrt(rows));
}

/** The first index at which the ascending `sums` are above `target`. */
function firstAbove(sums: Float64Array, target: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

function drawDpp(values: Matrix, leverages: Float64Array, rng: Rng): DppDraw {
  const { rows: N, columns: m, data: phi } = values;
  const points = new Float64Array(m);
  const q = new Float64Array(m * m);
  const residuals = leverages.slice();
  for (let k = 0; k < m; k++) {
    let sum = 0;
    for (let i = 0; i < N; i++) sum += residuals[i];
    let target = rng.uniform() * sum;
    // Rounding may leave the target beyond the last candidate: that one must still be a possible one.
    let chosen = -1;
    for (let i = 0; i < N; i++) {
      if (residuals[i] === 0) continue;
      chosen = i;
      target -= residuals[i];
      if (target < 0) break;
    }
    points[k] = chosen;
    appendOrthonormal(q, k, values.row(chosen));
    for (let i = 0; i < N; i++) {
      let along = 0;
      for (let j = 0; j < m; j++) along += q[k * m + j] * phi[i * m + j];
      residuals[i] = Math.max(0, residuals[i] - along * along);
    }
    residuals[chosen] = 0;
  }
  return { points, proposals: m };
}

function requireOrthonormal(phi: Matrix): void {
  const product = gram(phi).times(1 / phi.rows);
  let worst = 0;
  let place = [0, 0];
  for (let i = 0; i < product.rows; i++) {
    for (let j = 0; j <= i; j++) {
      const off = Math.abs(product.get(i, j) - (i === j ? 1 : 0));
      if (off > worst) [worst, place] = [off, [i, j]];
    }
  }
  if (worst > TOLERANCE) {
    throw new RangeError(
      `\`phi\` must be orthonormal on its candidates: entry (${place}) of phi^T phi / N is off by ${worst}, ` +
        "use orthonormalColumns(phi)",
    );
  }
}
