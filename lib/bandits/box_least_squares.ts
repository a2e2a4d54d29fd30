import { Matrix } from "../arrays/mod.ts";
import { eigh } from "../linalg/mod.ts";

/** Eigenvalues below this part of the largest one count as zero. */
const RANK_TOLERANCE = 1e-10;

/** Least squares that grow by one equation at a time: only the products that matter are kept. */
export class NormalEquations {
  /** `Phi^T Phi`. */
  readonly gram: Matrix;
  /** `Phi^T y`. */
  readonly moments: Float64Array;
  /** `y^T y`. */
  square = 0;

  /** No equation for `size` unknowns. */
  constructor(size: number) {
    this.gram = Matrix.zeros(size, size);
    this.moments = new Float64Array(size);
  }

  /** Adds `<row, theta> = y`. */
  add(row: Float64Array, y: number): void {
    const size = row.length;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) this.gram.data[i * size + j] += row[i] * row[j];
      this.moments[i] += row[i] * y;
    }
    this.square += y * y;
  }

  /** The solution of least norm. */
  leastNorm(): Float64Array {
    const size = this.moments.length;
    const { values, vectors } = eigh(this.gram);
    const theta = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      if (!(values[k] > RANK_TOLERANCE * values[size - 1])) continue;
      let along = 0;
      for (let i = 0; i < size; i++) along += vectors.data[i * size + k] * this.moments[i];
      along /= values[k];
      for (let i = 0; i < size; i++) theta[i] += along * vectors.data[i * size + k];
    }
    return theta;
  }

  /** The sum of squared residuals for the right-hand side divided by `scale`. */
  residual(theta: Float64Array, scale: number): number {
    const size = theta.length;
    let sum = this.square / scale ** 2;
    for (let i = 0; i < size; i++) {
      let product = 0;
      for (let j = 0; j < size; j++) product += this.gram.data[i * size + j] * theta[j];
      sum += theta[i] * (product - 2 * this.moments[i] / scale);
    }
    return Math.max(0, sum);
  }

  /**
   * The least squares with `|theta_j| <= bounds_j`, the right-hand side divided by `scale`, by coordinate
   * descent from `start`, which is moved into the box and changed.
   */
  boxed(start: Float64Array, bounds: Float64Array, scale: number): Float64Array {
    const size = start.length;
    const { data } = this.gram;
    const clip = (value: number, j: number) => Math.min(bounds[j], Math.max(-bounds[j], value));
    for (let j = 0; j < size; j++) start[j] = clip(start[j], j);
    for (let sweep = 0; sweep < 200; sweep++) {
      let change = 0;
      for (let j = 0; j < size; j++) {
        if (data[j * size + j] === 0) continue;
        let slope = this.moments[j] / scale;
        for (let k = 0; k < size; k++) slope -= data[j * size + k] * start[k];
        const next = clip(start[j] + slope / data[j * size + j], j);
        change = Math.max(change, Math.abs(next - start[j]));
        start[j] = next;
      }
      if (change < 1e-13) break;
    }
    return start;
  }
}
