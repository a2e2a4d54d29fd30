import { allocateLike, Matrix, type RealArray, requireBoolean, requireMatrix } from "../arrays/mod.ts";
import { gram } from "../blas/mod.ts";
import { requireFiniteMatrix } from "./check.ts";
import { columnNorms } from "./row_norms.ts";

/** Some consecutive reflectors together: their product is I - y t yᵀ (compact WY form). */
export interface ReflectorBlock<Data extends RealArray> {
  /** Index of the first reflector. */
  start: number;
  /** The reflectors as columns of norm 1, d x b; a column that is zero stays so. */
  y: Matrix<Data>;
  /** Upper triangular, b x b. */
  t: Matrix<Data>;
  /** Norms of the reflectors as they were given; 1 for a column of zeros. */
  norms: Float64Array;
}

/**
 * Reflectors that are merged into one block. More of them make the products larger, and t less accurate where
 * reflectors are nearly parallel.
 */
const BLOCK = 32;

/**
 * The reflectors in blocks, in order. With yᵀy = L + D + Lᵀ, L strictly lower, t is the inverse of Lᵀ + D/2
 * (Joffrain, Low, Quintana-Ortí, van de Geijn & Van Zee 2006, "Accumulating Householder transformations,
 * revisited"); since D = I, column k of t is that of LAPACK's `larft` with τ = 2.
 *
 * @throws {TypeError | RangeError}
 */
export function reflectorBlocks<Data extends RealArray>(
  what: string,
  v: Matrix<Data>,
  strict = false,
): ReflectorBlock<Data>[] {
  requireMatrix("v", v);
  requireBoolean("strict", strict);
  requireFiniteMatrix(`${what} of \`v\``, v);
  const norms = columnNorms(v);
  for (let j = 0; j < norms.length; j++) {
    if (norms[j] > 0) continue;
    if (strict) throw new RangeError(`Cannot ${what} of \`v\`: column ${j} is zero, which is no direction`);
    norms[j] = 1;
  }
  const blocks: ReflectorBlock<Data>[] = [];
  for (let start = 0; start < v.columns; start += BLOCK) {
    const end = Math.min(start + BLOCK, v.columns);
    const width = end - start;
    const y = new Matrix(v.rows, width, allocateLike(v.data, v.rows * width));
    let k = 0;
    for (let i = 0; i < v.rows; i++) {
      for (let j = start; j < end; j++, k++) y.data[k] = v.data[i * v.columns + j] / norms[j];
    }
    blocks.push({ start, y, t: triangle(gram(y)), norms: norms.subarray(start, end) });
  }
  return blocks;
}

/** t, column by column, from the products of the unit reflectors: t[:, k] = -2 t[:, :k] (yᵀy)[:k, k]. */
function triangle<Data extends RealArray>(products: Matrix<Data>): Matrix<Data> {
  const n = products.rows;
  const t = new Matrix(n, n, allocateLike(products.data, n * n));
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < k; i++) {
      let sum = 0;
      for (let j = i; j < k; j++) sum += t.data[i * n + j] * products.data[j * n + k];
      t.data[i * n + k] = -2 * sum;
    }
    t.data[k * n + k] = 2;
  }
  return t;
}
