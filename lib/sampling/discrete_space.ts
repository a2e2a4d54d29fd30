import {
  Matrix,
  requireInteger,
  requireMatrix,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";
import { qr } from "../linalg/mod.ts";
import { appendOrthonormal } from "./append_orthonormal.ts";
import { type DppDraw, type DrawOptions, FunctionSpace } from "./function_space.ts";

/** How far the basis may be from orthonormal. */
const TOLERANCE = 1e-6;

/**
 * Any functions on N candidates with equal probabilities: in any dimension, on any domain. A point is the number of a
 * candidate, 0 to N - 1.
 *
 * A draw of the determinantal point process takes O(N m^2) operations and rejects nothing: candidates are drawn by
 * their squared residuals, which each new point makes smaller.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { DiscreteSpace } from "refigure/sampling";
 * import { assertAlmostEquals, assertNotEquals } from "@std/assert";
 *
 * // Straight lines on 0, 1, ..., 5.
 * const space = DiscreteSpace.spanning(Matrix.from(6, 2, (i, j) => i ** j));
 * assertAlmostEquals(space.leverage(0), 22 / 7, 1e-12);
 * const [a, b] = space.sampleDpp({ rng: new Rng(2) }).points;
 * assertNotEquals(a, b);
 * ```
 */
export class DiscreteSpace extends FunctionSpace {
  readonly #phi: Matrix;
  readonly #leverages: Float64Array;
  /** The leverages of the candidates up to each, added up. */
  readonly #cumulative: Float64Array;

  /**
   * A space from the values of an orthonormal basis.
   *
   * @param phi One row per candidate, one column per function; `phi^T phi / N` is the identity matrix.
   * @throws {RangeError} if an entry of that product is off by more than 1e-6, or an entry of `phi` is not finite.
   * @throws {TypeError} if `phi` is not a matrix of doubles.
   */
  constructor(phi: Matrix) {
    requireMatrix("phi", phi);
    if (phi.dtype !== "float64") throw new TypeError("`phi` must be a float64 Matrix, got a float32 one");
    super(phi.columns);
    requireOrthonormal(phi);
    const { rows, columns, data } = phi;
    this.#phi = phi.clone();
    this.#leverages = new Float64Array(rows);
    for (let k = 0; k < data.length; k++) this.#leverages[Math.floor(k / columns)] += data[k] ** 2;
    let sum = 0;
    this.#cumulative = this.#leverages.map((leverage) => sum += leverage);
  }

  /**
   * The space that some functions span, with a basis from their QR factorization.
   *
   * @param values One row per candidate, one column per function.
   * @throws {RangeError} if the functions are linearly dependent, or a value is not finite.
   * @throws {TypeError} if `values` is not a matrix of doubles.
   */
  static spanning(values: Matrix): DiscreteSpace {
    requireMatrix("values", values);
    if (values.rows < values.columns) {
      throw new RangeError(
        `\`values\` must have at least one row per column, got ${values.rows} x ${values.columns}`,
      );
    }
    const { q, r } = qr(values);
    for (let j = 0; j < r.rows; j++) {
      if (!(Math.abs(r.get(j, j)) > 1e-13 * Math.abs(r.get(0, 0)))) {
        throw new RangeError(
          `\`values\` must have independent columns, got column ${j} in the span of others`,
        );
      }
    }
    return new DiscreteSpace(q.times(Math.sqrt(values.rows)));
  }

  /** The number N of candidates. */
  get candidates(): number {
    return this.#phi.rows;
  }

  protected override requirePoints(name: string, points: ArrayLike<number>): void {
    super.requirePoints(name, points);
    for (let i = 0; i < points.length; i++) {
      requireInteger(`${name}[${i}]`, points[i], { max: this.candidates - 1 });
    }
  }

  protected override basisAt(x: number): Float64Array {
    return this.#phi.data.subarray(x * this.dimension, (x + 1) * this.dimension);
  }

  protected override drawMeasure(rng: Rng): number {
    return rng.integer(this.candidates);
  }

  protected override drawLeverage(rng: Rng): number {
    const sums = this.#cumulative;
    const target = rng.uniform() * sums[sums.length - 1];
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** One draw of the process, without rejection. @throws {TypeError} if `rng` is not an Rng. */
  override sampleDpp(options: DrawOptions): DppDraw {
    requireOptions("options", options, ["rng"]);
    const rng = requireRng("rng", options.rng);
    const { rows: N, columns: m, data: phi } = this.#phi;
    const points = new Float64Array(m);
    const q = new Float64Array(m * m);
    const residuals = this.#leverages.slice();
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
      appendOrthonormal(q, k, this.basisAt(chosen));
      for (let i = 0; i < N; i++) {
        let along = 0;
        for (let j = 0; j < m; j++) along += q[k * m + j] * phi[i * m + j];
        residuals[i] = Math.max(0, residuals[i] - along * along);
      }
      residuals[chosen] = 0;
    }
    return { points, proposals: m };
  }
}

function requireOrthonormal(phi: Matrix): void {
  const product = gram(phi).times(1 / phi.rows);
  let worst = 0;
  let place = [0, 0];
  for (let i = 0; i < product.rows; i++) {
    for (let j = 0; j <= i; j++) {
      const off = Math.abs(product.get(i, j) - (i === j ? 1 : 0));
      // Written so that NaN is the worst of all.
      if (!(off <= worst)) [worst, place] = [off, [i, j]];
    }
  }
  if (!(worst <= TOLERANCE)) {
    throw new RangeError(
      `\`phi\` must be orthonormal for its candidates: entry (${place}) of phi^T phi / N is off by ${worst}, ` +
        "use DiscreteSpace.spanning(phi)",
    );
  }
}
