import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { requireVector } from "../sparse/check.ts";
import type { LinearMap } from "../sparse/mod.ts";
import { requirePowerSize } from "./check.ts";

/** Options of {@linkcode poissonVCycle}. */
export interface PoissonVLearnedCycleOptions {
  /** Weight of damped Jacobi. Default 4/5. */
  omega?: number;
  /** Smoothing steps of each grid on the way down. Default 1. */
  smoothings?: number;
  /** Smoothing steps of each grid on the way up. Default 1. */
  postSmoothings?: number;
}

/** A grid with a border of zeros. */
interface Grid {
  n: number;
  f: Float64Array;
  u: Float64Array;
  /** A second u, then the residual. */
  other: Float64Array;
}

/**
 * The geometric V-cycle for the five-point stencil -1, 4, -1 on n x n interior points with zero boundary
 * values: damped Jacobi, bilinear interpolation and its transpose, down to one point, where the solution is
 * exact. It maps f to an approximation of the solution u. With as many smoothing steps up as down it is
 * symmetric, so that it is a preconditioner for `conjugateGradients`.
 *
 * @param n Points per axis, 2^k - 1.
 * @param options Smoothing.
 * @returns The cycle as a linear map, which writes u for f. Its storage is reused by the next call.
 * @throws {RangeError} if `n` is not 2^k - 1, or a number is out of range.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { poissonVCycle } from "refigure/multigrid";
 * import { conjugateGradients, FivePointStencil } from "refigure/sparse";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const a = new FivePointStencil(63, 63);
 * const f = new Float64Array(63 * 63).fill(1 / 64 ** 2);
 * const { iterations, status, x } = conjugateGradients(a, f, { preconditioner: poissonVCycle(63) });
 * assertEquals(status, "converged");
 * assert(iterations < 12 && Math.abs(x[31 * 64] - 0.0736713) < 1e-4);
 * ```
 */
export function poissonVCycle(n: number, options: PoissonVLearnedCycleOptions = {}): LinearMap {
  requirePowerSize(n, 2 ** 13 - 1);
  requireOptions("options", options, ["omega", "smoothings", "postSmoothings"]);
  const { omega = 0.8, smoothings = 1, postSmoothings = 1 } = options;
  requireNumber("omega", omega, { above: 0, below: 2 });
  requireInteger("smoothings", smoothings, { min: 1, max: 100 });
  requireInteger("postSmoothings", postSmoothings, { max: 100 });
  const grids: Grid[] = [];
  for (let size = n; size >= 1; size = (size - 1) / 2) {
    const room = () => new Float64Array((size + 2) ** 2);
    grids.push({ n: size, f: room(), u: room(), other: room() });
  }
  return (x, out) => {
    requireVector("x", x, n * n);
    requireVector("out", out, n * n);
    const { f } = grids[0];
    for (let i = 0; i < n; i++) f.set(x.subarray(i * n, (i + 1) * n), (i + 1) * (n + 2) + 1);
    cycle(grids, 0, omega, smoothings, postSmoothings);
    const { u } = grids[0];
    for (let i = 0; i < n; i++) {
      const start = (i + 1) * (n + 2) + 1;
      out.set(u.subarray(start, start + n), i * n);
    }
  };
}

function cycle(grids: Grid[], l: number, omega: number, before: number, after: number): void {
  const grid = grids[l];
  if (grid.n === 1) {
    grid.u[4] = grid.f[4] / 4;
    return;
  }
  const { f, u } = grid;
  // The border of f is zero, and so stays that of u.
  for (let k = 0; k < u.length; k++) u[k] = omega / 4 * f[k];
  for (let step = 1; step < before; step++) jacobi(grid, omega);
  residual(grid);
  restrict(grid, grids[l + 1]);
  cycle(grids, l + 1, omega, before, after);
  interpolate(grids[l + 1], grid);
  for (let step = 0; step < after; step++) jacobi(grid, omega);
}

/** u + omega (f - A u) / 4. */
function jacobi(grid: Grid, omega: number): void {
  const { n, f, u, other } = grid;
  const width = n + 2;
  const [kept, taken] = [1 - omega, omega / 4];
  for (let i = 1; i <= n; i++) {
    const end = i * width + n;
    for (let k = i * width + 1; k <= end; k++) {
      other[k] = kept * u[k] + taken * (f[k] + u[k - 1] + u[k + 1] + u[k - width] + u[k + width]);
    }
  }
  grid.u = other;
  grid.other = u;
}

/** f - A u, into the second array. */
function residual({ n, f, u, other }: Grid): void {
  const width = n + 2;
  for (let i = 1; i <= n; i++) {
    const end = i * width + n;
    for (let k = i * width + 1; k <= end; k++) {
      other[k] = f[k] - 4 * u[k] + u[k - 1] + u[k + 1] + u[k - width] + u[k + width];
    }
  }
}

/** The transpose of the interpolation: the weights 1, 2, 1 along both axes, over 4. */
function restrict({ n, other: r }: Grid, coarse: Grid): void {
  const width = n + 2;
  for (let i = 1; i <= coarse.n; i++) {
    for (let j = 1; j <= coarse.n; j++) {
      const k = 2 * i * width + 2 * j;
      const corners = r[k - width - 1] + r[k - width + 1] + r[k + width - 1] + r[k + width + 1];
      const sides = r[k - 1] + r[k + 1] + r[k - width] + r[k + width];
      coarse.f[i * (coarse.n + 2) + j] = r[k] + sides / 2 + corners / 4;
    }
  }
}

/** Adds the bilinear interpolation. */
function interpolate(coarse: Grid, { n, u }: Grid): void {
  const width = n + 2;
  const coarseWidth = coarse.n + 2;
  // Each coarse cell, its lower right corner excluded, fills four points; the border has zeros.
  for (let i = 0; i <= coarse.n; i++) {
    for (let j = 0; j <= coarse.n; j++) {
      const c = i * coarseWidth + j;
      const k = 2 * i * width + 2 * j;
      const [here, right, below] = [coarse.u[c], coarse.u[c + 1], coarse.u[c + coarseWidth]];
      if (i > 0) u[k] += j > 0 ? here : 0;
      if (i > 0) u[k + 1] += (here + right) / 2;
      if (j > 0) u[k + width] += (here + below) / 2;
      u[k + width + 1] += (here + right + below + coarse.u[c + coarseWidth + 1]) / 4;
    }
  }
}
