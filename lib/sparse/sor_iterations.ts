import {
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { scaled } from "../arrays/scaling.ts";
import { diagonalPlaces, requireOmega, requirePositiveDiagonal, requireVector } from "./check.ts";
import type { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

/** Options of {@linkcode sorIterations}. */
export interface SorIterationsOptions {
  /**
   * Counts until the norm of the residual is at most this times the norm of the right-hand side. Default
   * 1e-8.
   */
  tolerance?: number;
  /** Most iterations. Default 10000. */
  iterations?: number;
}

/**
 * How many iterations {@linkcode sor} takes from zero, for every pair of a right-hand side and a relaxation
 * parameter. Solutions are not computed, and four pairs are relaxed at a time where there are that many: each
 * step of a sweep waits for the one before it, and the other three fill the pause.
 *
 * @param a A square matrix with a positive diagonal.
 * @param rightSides One right-hand side, or a matrix with one in each row.
 * @param omegas The relaxation parameters, in (0, 2).
 * @param options Tolerance and limit.
 * @returns Counts: those of the first right-hand side with all `omegas`, then those of the second, and so on;
 * the limit where the tolerance was not reached before it.
 * @throws {RangeError} if sizes do not fit, the diagonal is not positive, an `omega` is not in (0, 2), or a
 * number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { FivePointStencil, sorIterations } from "refigure/sparse";
 * import { assertEquals } from "@std/assert";
 *
 * const counts = sorIterations(new FivePointStencil(10, 10), new Float64Array(100).fill(1), [1, 1.4, 1.8]);
 * assertEquals([...counts], [223, 88, 89]);
 * ```
 */
export function sorIterations(
  a: CsrMatrix | FivePointStencil,
  rightSides: Float64Array | Matrix,
  omegas: ArrayLike<number>,
  options: SorIterationsOptions = {},
): Int32Array {
  const order = requirePositiveDiagonal("a", a);
  const data = requireRightSides(rightSides, order);
  requireNumbers("omegas", omegas);
  for (let k = 0; k < omegas.length; k++) requireOmega(`omegas[${k}]`, omegas[k]);
  requireOptions("options", options, ["tolerance", "iterations"]);
  const { tolerance = 1e-8, iterations: limit = 10_000 } = options;
  requireNumber("tolerance", tolerance, { min: 0 });
  requireInteger("iterations", limit, { max: 2 ** 31 - 1 });

  const counts = new Int32Array(omegas.length * data.length / order);
  const lanes = a instanceof FivePointStencil ? stencilLanes(a) : csrLanes(a);
  const job = new Int32Array(LANES).fill(-1);
  const goal = new Float64Array(LANES);
  let next = 0;
  let running = 0;
  /** Gives a lane the next pair that needs a sweep, or zeros. */
  const refill = (lane: number): void => {
    for (; next < counts.length; next++) {
      const from = Math.floor(next / omegas.length) * order;
      // Counts do not depend on the scale, and squares near 1 neither over- nor underflow.
      const b = scaled(data.subarray(from, from + order)).data;
      let square = 0;
      for (let i = 0; i < order; i++) square += b[i] ** 2;
      if (square <= tolerance ** 2 * square || limit === 0) continue;
      lanes.load(lane, b, omegas[next % omegas.length]);
      goal[lane] = tolerance ** 2 * square;
      job[lane] = next++;
      running++;
      return;
    }
    lanes.load(lane, undefined, 1);
    job[lane] = -1;
  };
  for (let lane = 0; lane < LANES; lane++) refill(lane);
  while (running > 0) {
    // One or two chains alone are faster by themselves than with lanes of zeros beside them.
    if (running > 2) lanes.sweep();
    else job.forEach((pair, lane) => pair !== -1 && lanes.sweepLane(lane));
    for (let lane = 0; lane < LANES; lane++) {
      if (job[lane] === -1) continue;
      const count = ++counts[job[lane]];
      if (lanes.squares[lane] <= goal[lane] || count === limit) {
        running--;
        refill(lane);
      }
    }
  }
  return counts;
}

function requireRightSides(rightSides: Float64Array | Matrix, order: number): Float64Array {
  if (rightSides instanceof Matrix) {
    requireMatrix("rightSides", rightSides);
    if (rightSides.columns !== order) {
      throw new RangeError(`\`rightSides\` must have ${order} columns, got ${rightSides.columns}`);
    }
    if (rightSides.dtype !== "float64") {
      throw new TypeError("`rightSides` must be a float64 Matrix, got a float32 one");
    }
  } else requireVector("rightSides", rightSides, order);
  const data = rightSides instanceof Matrix ? rightSides.data : rightSides;
  requireFinite("`rightSides`", data);
  return data;
}

const LANES = 4;

/** Residuals that are relaxed at the same time; arrays have the lanes of a point side by side. */
interface Lanes {
  /** Squared norms of the residuals after the last sweep. */
  squares: Float64Array;
  /** Puts a right-hand side into a lane, or zeros. */
  load(lane: number, b: Float64Array | undefined, omega: number): void;
  /** One iteration in each lane. */
  sweep(): void;
  /** One iteration in one lane. */
  sweepLane(lane: number): void;
}

function stencilLanes(a: FivePointStencil): Lanes {
  const { gridRows, gridColumns, centre, neighbour } = a;
  // A column of zeros at the right of the grid, which is also at the left of the next row, and a row of zeros
  // above and below: every point has four neighbours.
  const width = LANES * (gridColumns + 1);
  const r = new Float64Array((gridRows + 2) * width);
  const step = new Float64Array((gridRows + 2) * width);
  const scale = new Float64Array(LANES);
  const rest = new Float64Array(LANES);
  const squares = new Float64Array(LANES);

  function load(lane: number, b: Float64Array | undefined, omega: number): void {
    for (let i = 0; i < gridRows; i++) {
      for (let j = 0; j < gridColumns; j++) {
        r[(i + 1) * width + LANES * j + lane] = b === undefined ? 0 : b[i * gridColumns + j];
      }
    }
    scale[lane] = omega / centre;
    rest[lane] = (1 / omega - 1) * centre;
  }

  function sweep(): void {
    const [s0, s1, s2, s3] = scale;
    const w0 = s0 * neighbour;
    const w1 = s1 * neighbour;
    const w2 = s2 * neighbour;
    const w3 = s3 * neighbour;
    for (let i = 1; i <= gridRows; i++) {
      let d0 = 0;
      let d1 = 0;
      let d2 = 0;
      let d3 = 0;
      const end = (i + 1) * width - LANES;
      for (let k = i * width; k < end; k += LANES) {
        const above = k - width;
        d0 = s0 * r[k] - w0 * step[above] - w0 * d0;
        d1 = s1 * r[k + 1] - w1 * step[above + 1] - w1 * d1;
        d2 = s2 * r[k + 2] - w2 * step[above + 2] - w2 * d2;
        d3 = s3 * r[k + 3] - w3 * step[above + 3] - w3 * d3;
        step[k] = d0;
        step[k + 1] = d1;
        step[k + 2] = d2;
        step[k + 3] = d3;
      }
    }
    const [c0, c1, c2, c3] = rest;
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    for (let i = 1; i <= gridRows; i++) {
      // From right to left, so that the right neighbour is at hand.
      let d0 = 0;
      let d1 = 0;
      let d2 = 0;
      let d3 = 0;
      for (let k = (i + 1) * width - 2 * LANES; k >= i * width; k -= LANES) {
        const below = k + width;
        const e0 = step[k];
        const e1 = step[k + 1];
        const e2 = step[k + 2];
        const e3 = step[k + 3];
        const r0 = c0 * e0 - neighbour * (step[below] + d0);
        const r1 = c1 * e1 - neighbour * (step[below + 1] + d1);
        const r2 = c2 * e2 - neighbour * (step[below + 2] + d2);
        const r3 = c3 * e3 - neighbour * (step[below + 3] + d3);
        r[k] = r0;
        r[k + 1] = r1;
        r[k + 2] = r2;
        r[k + 3] = r3;
        q0 += r0 * r0;
        q1 += r1 * r1;
        q2 += r2 * r2;
        q3 += r3 * r3;
        d0 = e0;
        d1 = e1;
        d2 = e2;
        d3 = e3;
      }
    }
    squares[0] = q0;
    squares[1] = q1;
    squares[2] = q2;
    squares[3] = q3;
  }

  function sweepLane(lane: number): void {
    const s = scale[lane];
    const w = s * neighbour;
    for (let i = 1; i <= gridRows; i++) {
      let d = 0;
      const end = (i + 1) * width - LANES;
      for (let k = i * width + lane; k < end; k += LANES) {
        d = s * r[k] - w * step[k - width] - w * d;
        step[k] = d;
      }
    }
    const c = rest[lane];
    let q = 0;
    for (let i = 1; i <= gridRows; i++) {
      let d = 0;
      for (let k = (i + 1) * width - 2 * LANES + lane; k >= i * width; k -= LANES) {
        const e = step[k];
        const value = c * e - neighbour * (step[k + width] + d);
        r[k] = value;
        q += value * value;
        d = e;
      }
    }
    squares[lane] = q;
  }

  return { squares, load, sweep, sweepLane };
}

function csrLanes(a: CsrMatrix): Lanes {
  const { rows, rowPointers, columnIndices, values } = a;
  const middle = diagonalPlaces(a);
  const r = new Float64Array(LANES * rows);
  const step = new Float64Array(LANES * rows);
  const omegas = new Float64Array(LANES);
  const squares = new Float64Array(LANES);

  function load(lane: number, b: Float64Array | undefined, omega: number): void {
    for (let i = 0; i < rows; i++) r[LANES * i + lane] = b === undefined ? 0 : b[i];
    omegas[lane] = omega;
  }

  function sweep(): void {
    const [o0, o1, o2, o3] = omegas;
    for (let i = 0; i < rows; i++) {
      const place = LANES * i;
      let d0 = r[place];
      let d1 = r[place + 1];
      let d2 = r[place + 2];
      let d3 = r[place + 3];
      const end = middle[i];
      for (let k = rowPointers[i]; k < end; k++) {
        const value = values[k];
        const other = LANES * columnIndices[k];
        d0 -= value * step[other];
        d1 -= value * step[other + 1];
        d2 -= value * step[other + 2];
        d3 -= value * step[other + 3];
      }
      const inverse = 1 / values[end];
      step[place] = o0 * inverse * d0;
      step[place + 1] = o1 * inverse * d1;
      step[place + 2] = o2 * inverse * d2;
      step[place + 3] = o3 * inverse * d3;
    }
    squares.fill(0);
    for (let i = 0; i < rows; i++) {
      const place = LANES * i;
      const diagonal = values[middle[i]];
      let r0 = (1 / o0 - 1) * diagonal * step[place];
      let r1 = (1 / o1 - 1) * diagonal * step[place + 1];
      let r2 = (1 / o2 - 1) * diagonal * step[place + 2];
      let r3 = (1 / o3 - 1) * diagonal * step[place + 3];
      const end = rowPointers[i + 1];
      for (let k = middle[i] + 1; k < end; k++) {
        const value = values[k];
        const other = LANES * columnIndices[k];
        r0 -= value * step[other];
        r1 -= value * step[other + 1];
        r2 -= value * step[other + 2];
        r3 -= value * step[other + 3];
      }
      r[place] = r0;
      r[place + 1] = r1;
      r[place + 2] = r2;
      r[place + 3] = r3;
      squares[0] += r0 * r0;
      squares[1] += r1 * r1;
      squares[2] += r2 * r2;
      squares[3] += r3 * r3;
    }
  }

  function sweepLane(lane: number): void {
    const omega = omegas[lane];
    for (let i = 0; i < rows; i++) {
      let d = r[LANES * i + lane];
      const end = middle[i];
      for (let k = rowPointers[i]; k < end; k++) d -= values[k] * step[LANES * columnIndices[k] + lane];
      step[LANES * i + lane] = omega * (1 / values[end]) * d;
    }
    let square = 0;
    for (let i = 0; i < rows; i++) {
      let value = (1 / omega - 1) * values[middle[i]] * step[LANES * i + lane];
      const end = rowPointers[i + 1];
      for (let k = middle[i] + 1; k < end; k++) value -= values[k] * step[LANES * columnIndices[k] + lane];
      r[LANES * i + lane] = value;
      square += value * value;
    }
    squares[lane] = square;
  }

  return { squares, load, sweep, sweepLane };
}
