import {
  type IterationStatus,
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { requireSymmetric } from "../linalg/check.ts";
import { eigh } from "../linalg/mod.ts";
import { conjugateGradients } from "../sparse/mod.ts";

/** A linear field B x as the sum of two: its gradient part S x and its gauge part (B - S) x. */
export interface LinearDecomposition {
  /** S, symmetric. */
  gradient: Matrix;
  /** B - S. */
  gauge: Matrix;
}

/**
 * Splits the field B x into a gradient and a gauge field of N(0, C): the symmetric S with
 * C^-1 S + S C^-1 = C^-1 B + B^T C^-1. The parts are orthogonal in L2(p), and E|Bx|^2 = tr(B C B^T) is the sum of
 * theirs. For C = I it is the split into symmetric and antisymmetric part.
 *
 * @param b B, d x d.
 * @param c C, symmetric positive definite, d x d.
 * @throws {RangeError} if a matrix is not square, the orders differ, C is not symmetric positive definite, or an
 * entry is not finite.
 * @throws {TypeError} if an argument is not a matrix of doubles.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { weightedHodgeLinear } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const b = Matrix.fromRows([[1, 2], [-0.5, 0.3]]);
 * const { gradient } = weightedHodgeLinear(b, Matrix.fromRows([[2, 0.6], [0.6, 0.5]]));
 * [1.6, 0, 0, -0.3].forEach((value, k) => assertAlmostEquals(gradient.data[k], value, 1e-14));
 * ```
 */
export function weightedHodgeLinear(b: Matrix, c: Matrix): LinearDecomposition {
  for (const [name, m] of [["b", b], ["c", c]] as const) {
    requireMatrix(name, m);
    requireRealArray(`${name}.data`, m.data, "float64");
    requireInteger(`${name}.rows`, m.rows, { min: 1 });
    if (m.rows !== b.rows || m.columns !== b.rows) {
      throw new RangeError(`\`${name}\` must be ${b.rows} x ${b.rows}, got ${m.rows} x ${m.columns}`);
    }
    requireFinite(`\`${name}\` must be finite`, m.data, m.columns);
  }
  const d = b.rows;
  requireSymmetric("c", c);
  const { values, vectors } = eigh(c);
  if (!(values[0] > 0)) {
    throw new RangeError(`\`c\` must be positive definite, got the eigenvalue ${values[0]}`);
  }
  // Along the axes of C the equation is one for each entry.
  const turned = (m: Matrix, back: boolean) => {
    const u = (i: number, j: number) => back ? vectors.get(i, j) : vectors.get(j, i);
    return Matrix.from(d, d, (i, j) => {
      let sum = 0;
      for (let k = 0; k < d; k++) for (let l = 0; l < d; l++) sum += u(i, k) * m.get(k, l) * u(j, l);
      return sum;
    });
  };
  const own = turned(b, false);
  const solved = Matrix.from(
    d,
    d,
    (i, j) => (own.get(i, j) * values[j] + own.get(j, i) * values[i]) / (values[i] + values[j]),
  );
  const gradient = turned(solved, true);
  return { gradient, gauge: Matrix.from(d, d, (i, j) => b.get(i, j) - gradient.get(i, j)) };
}

/** Options of {@linkcode weightedHodgeGrid}. */
export interface HodgeGridOptions {
  /** The rectangle's first and last x. */
  x: readonly [number, number];
  /** The rectangle's first and last y. */
  y: readonly [number, number];
  /** Cells in the direction of x. Default 128. */
  columns?: number;
  /** Cells in the direction of y. Default 128. */
  rows?: number;
  /** Residual of the conjugate gradients, relative to the right-hand side. Default 1e-10. */
  tolerance?: number;
}

/** A field at the centres of cells: its two components, rows x columns. Row 0 has the smallest y. */
export interface GridField {
  /** Components along x. */
  x: Matrix;
  /** Components along y. */
  y: Matrix;
}

/** What {@linkcode weightedHodgeGrid} returns. */
export interface GridDecomposition {
  /** The potential at the centres of the cells, with weighted mean 0. */
  potential: Matrix;
  /** Its gradient. */
  gradient: GridField;
  /** What is left of the field. */
  gauge: GridField;
  /** Means of squares under the density, over the faces of the cells: `field` is the sum of the others. */
  energy: { field: number; gradient: number; gauge: number };
  /** Whether the tolerance was reached. */
  status: Extract<IterationStatus, "converged" | "step-limit" | "diverged">;
  /** What to change if it was not; null if it was. */
  advice: string | null;
}

/**
 * Splits a field in a rectangle into a gradient and a gauge field of a density p: the potential solves the
 * weighted Poisson equation div(p grad phi) = div(p s) with no flux through the boundary, in finite volumes on
 * a grid of cells. A constant density gives the ordinary Helmholtz decomposition. The parts are orthogonal to the
 * tolerance on every grid.
 *
 * @param field The field: returns its two components at (x, y).
 * @param density The density p at (x, y), positive; it need not be normalized.
 * @param options The rectangle and its cells.
 * @returns Potential and both parts.
 * @throws {RangeError} if an interval is empty, a number is out of range, or a value of the field or of the
 * density is not finite or the latter not positive.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { weightedHodgeGrid } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A rotation is a gauge field of a density that is invariant under rotations.
 * const { energy } = weightedHodgeGrid(
 *   (x, y) => [-y, x],
 *   (x, y) => Math.exp(-(x * x + y * y) / 2),
 *   { x: [-6, 6], y: [-6, 6], rows: 48, columns: 48 },
 * );
 * assertAlmostEquals(energy.field, 2, 0.02);
 * assertAlmostEquals(energy.gradient, 0, 1e-4);
 * ```
 */
export function weightedHodgeGrid(
  field: (x: number, y: number) => readonly [number, number],
  density: (x: number, y: number) => number,
  options: HodgeGridOptions,
): GridDecomposition {
  requireFunction("field", field);
  requireFunction("density", density);
  requireOptions("options", options, ["x", "y", "columns", "rows", "tolerance"]);
  const { columns = 128, rows = 128, tolerance = 1e-10 } = options;
  for (const name of ["x", "y"] as const) {
    requireNumbers(name, options[name], { length: 2, finite: true });
    requireNumber(`${name}[1]`, options[name][1], { above: options[name][0] });
  }
  requireInteger("columns", columns, { min: 2, max: 4096 });
  requireInteger("rows", rows, { min: 2, max: 4096 });
  requireNumber("tolerance", tolerance, { above: 0 });
  const [x0, y0] = [options.x[0], options.y[0]];
  const hx = (options.x[1] - x0) / columns;
  const hy = (options.y[1] - y0) / rows;
  const weightAt = (x: number, y: number) => requireNumber("density(...)", density(x, y), { above: 0 });
  const component = (a: 0 | 1, x: number, y: number) => requireNumber("field(...)", field(x, y)[a]);

  // Inner faces: across x between (i, j) and (i, j + 1), across y between (i, j) and (i + 1, j).
  const acrossX = rows * (columns - 1);
  const count = acrossX + (rows - 1) * columns;
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  const weight = new Float64Array(count);
  const flux = new Float64Array(count);
  const face = (k: number, cell: number, next: number, a: 0 | 1, x: number, y: number) => {
    from[k] = cell;
    to[k] = next;
    weight[k] = weightAt(x, y);
    flux[k] = component(a, x, y);
  };
  let k = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j + 1 < columns; j++, k++) {
      face(k, i * columns + j, i * columns + j + 1, 0, x0 + (j + 1) * hx, y0 + (i + 0.5) * hy);
    }
  }
  for (let i = 0; i + 1 < rows; i++) {
    for (let j = 0; j < columns; j++, k++) {
      face(k, i * columns + j, (i + 1) * columns + j, 1, x0 + (j + 0.5) * hx, y0 + (i + 1) * hy);
    }
  }
  const spacing = (face: number) => face < acrossX ? hx : hy;

  // Minus the weighted divergence of a flux on the faces, one number per cell.
  const divergence = (values: (face: number) => number, out: Float64Array) => {
    out.fill(0);
    for (let f = 0; f < count; f++) {
      const flow = weight[f] * values(f) / spacing(f);
      out[from[f]] -= flow;
      out[to[f]] += flow;
    }
  };
  const slope = (phi: Float64Array, f: number) => (phi[to[f]] - phi[from[f]]) / spacing(f);
  const cells = rows * columns;
  const right = new Float64Array(cells);
  divergence((f) => flux[f], right);
  const diagonal = new Float64Array(cells);
  for (let f = 0; f < count; f++) {
    const entry = weight[f] / spacing(f) ** 2;
    diagonal[from[f]] += entry;
    diagonal[to[f]] += entry;
  }
  const { x: phi, status, advice } = conjugateGradients(
    (u, out) => divergence((f) => slope(u, f), out),
    right,
    {
      tolerance,
      iterations: 20 * (rows + columns) + 1000,
      preconditioner: (u, out) => u.forEach((value, cell) => out[cell] = value / diagonal[cell]),
    },
  );

  let total = 0;
  let mean = 0;
  const energy = { field: 0, gradient: 0, gauge: 0 };
  for (let f = 0; f < count; f++) {
    const g = slope(phi, f);
    // Half the faces carry one component, the other half the other.
    total += weight[f] / 2;
    mean += weight[f] / 2 * (phi[from[f]] + phi[to[f]]) / 2;
    energy.field += weight[f] * flux[f] ** 2;
    energy.gradient += weight[f] * g * g;
    energy.gauge += weight[f] * (flux[f] - g) ** 2;
  }
  for (const name of ["field", "gradient", "gauge"] as const) energy[name] /= total;
  mean /= total;
  const potential = new Matrix(rows, columns, phi.map((value) => value - mean));

  // At a centre, the mean of the faces on both sides; at the boundary, of the one there is.
  const sums = { gradient: gridField(rows, columns), gauge: gridField(rows, columns) };
  const faces = { x: new Float64Array(cells), y: new Float64Array(cells) };
  for (let f = 0; f < count; f++) {
    const axis = f < acrossX ? "x" : "y";
    const g = slope(phi, f);
    for (const cell of [from[f], to[f]]) {
      faces[axis][cell]++;
      sums.gradient[axis].data[cell] += g;
      sums.gauge[axis].data[cell] += flux[f] - g;
    }
  }
  for (const axis of ["x", "y"] as const) {
    for (let cell = 0; cell < cells; cell++) {
      sums.gradient[axis].data[cell] /= faces[axis][cell];
      sums.gauge[axis].data[cell] /= faces[axis][cell];
    }
  }
  return { potential, ...sums, energy, status: status as GridDecomposition["status"], advice };
}

function gridField(rows: number, columns: number): GridField {
  return { x: Matrix.zeros(rows, columns), y: Matrix.zeros(rows, columns) };
}
