import { ComplexMatrix, Matrix, requireFinite, requireInteger } from "../arrays/mod.ts";
import { complexMatmul, matmul } from "../blas/mod.ts";
import { requireComplexValues } from "./check.ts";

/**
 * The Vandermonde matrix `V[n, l] = z[n]^l` of N complex nodes, l = 0, 1, ..., length - 1. {@linkcode
 * vandermondeProduct} multiplies by it without building it.
 *
 * @param nodes N complex numbers, interleaved.
 * @returns N x length.
 * @throws {RangeError} if `nodes` is empty or not finite, or `length` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { vandermondeMatrix } from "refigure/transforms";
 * import { assertEquals } from "@std/assert";
 *
 * // The powers of i.
 * assertEquals(vandermondeMatrix(new Float64Array([0, 1]), 4).data, new Float64Array([1, 0, 0, 1, -1, 0, -0, -1]));
 * ```
 */
export function vandermondeMatrix(nodes: Float64Array, length: number): ComplexMatrix {
  const count = requireNodes(nodes);
  requireInteger("length", length);
  const powers = powerTable(nodes, length);
  const out = ComplexMatrix.zeros(count, length);
  for (let n = 0; n < count; n++) {
    for (let l = 0; l < length; l++) {
      out.data[2 * (n * length + l)] = powers[2 * (l * count + n)];
      out.data[2 * (n * length + l) + 1] = powers[2 * (l * count + n) + 1];
    }
  }
  return out;
}

/**
 * `Y[r, l] = sum_n coefficients[r, n] z[n]^l` for l = 0, 1, ..., length - 1: coefficients times the
 * Vandermonde matrix of the nodes, as in the kernel of a diagonal state space model (Gu et al. 2022, "On the
 * parameterization and initialization of diagonal state space models", section 3.3).
 *
 * With l = B g + b, `z^l = (z^B)^g z^b`: the product is one complex matrix product of the small tables
 * `coefficients z^(B g)` (giant steps) and `z^b` (baby steps), with B near the root of `length`. Only about
 * 2 N sqrt(length) powers are formed, and no exponentials.
 *
 * @param nodes N complex numbers, interleaved.
 * @param coefficients R x N, or one row as N complex numbers, interleaved.
 * @param length How many powers.
 * @returns R x length; for one row, `length` complex numbers, interleaved.
 * @throws {RangeError} if sizes differ, an entry is not finite, or `length` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { vandermondeProduct } from "refigure/transforms";
 * import { assertEquals } from "@std/assert";
 *
 * // 3 * 2^l + 1i * (-1)^l
 * const y = vandermondeProduct(new Float64Array([2, 0, -1, 0]), new Float64Array([3, 0, 0, 1]), 4);
 * assertEquals(y, new Float64Array([3, 1, 6, -1, 12, 1, 24, -1]));
 * ```
 */
export function vandermondeProduct(
  nodes: Float64Array,
  coefficients: ComplexMatrix,
  length: number,
): ComplexMatrix;
/** The same for one row of coefficients. */
export function vandermondeProduct(
  nodes: Float64Array,
  coefficients: Float64Array,
  length: number,
): Float64Array;
export function vandermondeProduct(
  nodes: Float64Array,
  coefficients: ComplexMatrix | Float64Array,
  length: number,
): ComplexMatrix | Float64Array {
  if (!(coefficients instanceof ComplexMatrix)) {
    return vandermondeProduct(nodes, oneRow(coefficients), length).data;
  }
  const { rows, left, baby, step, giants } = tables(nodes, coefficients, length);
  const product = complexMatmul(left, baby);
  if (giants * step === length) return new ComplexMatrix(rows, length, product.data);
  const out = ComplexMatrix.zeros(rows, length);
  for (let r = 0; r < rows; r++) {
    const start = 2 * r * giants * step;
    out.data.set(product.data.subarray(start, start + 2 * length), 2 * r * length);
  }
  return out;
}

/**
 * The real part of {@linkcode vandermondeProduct}, at half its work: `Y[r, l] = Re sum_n coefficients[r, n]
 * z[n]^l`, since `Re(x y) = Re x Re y - Im x Im y` is a real product of twice the inner size. What a real
 * state space model needs, which keeps one of each conjugate pair of modes.
 *
 * @param nodes N complex numbers, interleaved.
 * @param coefficients R x N, or one row as N complex numbers, interleaved.
 * @param length How many powers.
 * @returns R x length; for one row, `length` numbers.
 * @throws {RangeError} if sizes differ, an entry is not finite, or `length` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { vandermondeRealPart } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Powers of exp(i / 10): a cosine.
 * const node = new Float64Array([Math.cos(0.1), Math.sin(0.1)]);
 * const y = vandermondeRealPart(node, new Float64Array([1, 0]), 100);
 * y.forEach((value, l) => assertAlmostEquals(value, Math.cos(0.1 * l), 1e-13));
 * ```
 */
export function vandermondeRealPart(nodes: Float64Array, coefficients: ComplexMatrix, length: number): Matrix;
/** The same for one row of coefficients. */
export function vandermondeRealPart(
  nodes: Float64Array,
  coefficients: Float64Array,
  length: number,
): Float64Array;
export function vandermondeRealPart(
  nodes: Float64Array,
  coefficients: ComplexMatrix | Float64Array,
  length: number,
): Matrix | Float64Array {
  if (!(coefficients instanceof ComplexMatrix)) {
    return vandermondeRealPart(nodes, oneRow(coefficients), length).data;
  }
  const { rows, left, baby, step, giants } = tables(nodes, coefficients, length);
  // Rows of `left` are read as 2N reals; in the baby table the imaginary parts get their minus sign and their
  // own rows.
  const count = left.columns;
  const right = Matrix.zeros(2 * count, step);
  for (let n = 0; n < count; n++) {
    for (let b = 0; b < step; b++) {
      right.data[2 * n * step + b] = baby.data[2 * (n * step + b)];
      right.data[(2 * n + 1) * step + b] = -baby.data[2 * (n * step + b) + 1];
    }
  }
  const product = matmul(new Matrix(left.rows, 2 * count, left.data), right);
  const padded = new Matrix(rows, giants * step, product.data);
  return padded.columns === length ? padded : padded.slice(0, rows, 0, length);
}

interface Tables {
  rows: number;
  /** (rows * giants) x N: coefficients times giant steps. */
  left: ComplexMatrix;
  /** N x step: baby steps. */
  baby: ComplexMatrix;
  step: number;
  giants: number;
}

function tables(nodes: Float64Array, coefficients: ComplexMatrix, length: number): Tables {
  const count = requireNodes(nodes);
  const rows = coefficients.rows;
  if (coefficients.columns !== count) {
    throw new RangeError(
      `\`coefficients\` must have ${count} columns, one for each node, got ${coefficients.columns}`,
    );
  }
  requireInteger("length", length);
  requireFinite("Cannot multiply `coefficients`", coefficients.data);
  // Both tables cost the same when the baby steps are as many as all rows of the giant steps.
  const step = Math.min(length, Math.ceil(Math.sqrt(Math.max(1, rows) * length)));
  const giants = length === 0 ? 0 : Math.ceil(length / step);
  const baby = vandermondeMatrix(nodes, step);
  const leap = powerTable(nodes, step + 1).subarray(2 * step * count);
  const powers = powerTable(leap, giants);
  const left = ComplexMatrix.zeros(rows * giants, count);
  const c = coefficients.data;
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < giants; g++) {
      let at = 2 * (r * giants + g) * count;
      let q = 2 * r * count;
      for (let p = 2 * g * count; p < 2 * (g + 1) * count; p += 2, q += 2, at += 2) {
        left.data[at] = c[q] * powers[p] - c[q + 1] * powers[p + 1];
        left.data[at + 1] = c[q] * powers[p + 1] + c[q + 1] * powers[p];
      }
    }
  }
  return { rows, left, baby, step, giants };
}

/** Powers 0 to count - 1 of all nodes, one row for each power, by repeated multiplication. */
function powerTable(nodes: Float64Array, count: number): Float64Array {
  const width = nodes.length;
  const out = new Float64Array(width * count);
  for (let k = 0; k < width && count > 0; k += 2) out[k] = 1;
  for (let p = width; p < width * count; p += 2) {
    const q = p - width;
    const k = q % width;
    out[p] = out[q] * nodes[k] - out[q + 1] * nodes[k + 1];
    out[p + 1] = out[q] * nodes[k + 1] + out[q + 1] * nodes[k];
  }
  return out;
}

function requireNodes(nodes: Float64Array): number {
  const count = requireComplexValues("nodes", nodes);
  requireFinite("Cannot form powers of `nodes`", nodes);
  return count;
}

function oneRow(coefficients: Float64Array): ComplexMatrix {
  const count = requireComplexValues("coefficients", coefficients);
  return new ComplexMatrix(1, count, coefficients);
}
