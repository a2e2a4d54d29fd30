import { allocateLike, Matrix, type RealArray, requireBoolean, requireMatrix } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { requireFiniteMatrix } from "./check.ts";
import { columnNorms } from "./row_norms.ts";

/** Some consecutive reflectors together: their product is I - y t yᵀ (compact WY form). */
export interface ReflectorBlock<Data extends RealArray> {
  /** Index of the first reflector. */
  start: number;
  /** The reflectors as columns, d x b. */
  y: Matrix<Data>;
  /** Upper triangular, b x b; a reflector of zeros has a row and a column of zeros. */
  t: Matrix<Data>;
}

/** Reflectors in blocks. */
export interface ReflectorBlocks<Data extends RealArray> {
  /** In their order. */
  blocks: ReflectorBlock<Data>[];
  /** What the reflectors were divided by, one for each; undefined if they are those that were given. */
  norms?: Float64Array;
}

/** What {@linkcode reflectorBlocks} needs to know. */
export interface BlockOptions {
  /** Whether a reflector of zeros is refused. Default false. */
  strict?: boolean;
  /**
   * Whether reflectors get norm 1 in any case. Default: only where their squares could over- or underflow.
   */
  normalize?: boolean;
}

/**
 * Reflectors that are merged into one block. More of them make the products larger, and t less accurate where
 * reflectors are nearly parallel.
 */
const BLOCK = 32;

/**
 * The reflectors in blocks. With yᵀy = L + D + Lᵀ, L strictly lower and D diagonal, t is the inverse of
 * Lᵀ + D/2 (Joffrain, Low, Quintana-Ortí, van de Geijn & Van Zee 2006, "Accumulating Householder
 * transformations, revisited"), the t of LAPACK's `larft` with τ = 2 / |v|².
 *
 * @throws {TypeError | RangeError}
 */
export function reflectorBlocks<Data extends RealArray>(
  what: string,
  v: Matrix<Data>,
  { strict = false, normalize = false }: BlockOptions = {},
): ReflectorBlocks<Data> {
  requireMatrix("v", v);
  requireBoolean("strict", strict);
  const asGiven = normalize ? undefined : inBlocks(v);
  if (asGiven !== undefined) return { blocks: asGiven };
  requireFiniteMatrix(`${what} of \`v\``, v);
  const norms = columnNorms(v);
  for (let j = 0; j < norms.length; j++) {
    if (norms[j] > 0) continue;
    if (strict) throw new RangeError(`Cannot ${what} of \`v\`: column ${j} is zero, which is no direction`);
    norms[j] = 1;
  }
  const unit = new Matrix(v.rows, v.columns, allocateLike(v.data, v.data.length));
  for (let k = 0; k < unit.data.length; k++) unit.data[k] = v.data[k] / norms[k % v.columns];
  return { blocks: inBlocks(unit, true)!, norms };
}

/** Blocks, or undefined if the square of a norm is out of range and its reflector not known to be zero. */
function inBlocks<Data extends RealArray>(
  v: Matrix<Data>,
  zeros = false,
): ReflectorBlock<Data>[] | undefined {
  const largest = v.dtype === "float32" ? 1e30 : 1e250;
  const blocks: ReflectorBlock<Data>[] = [];
  for (let start = 0; start < v.columns; start += BLOCK) {
    const y = v.columns <= BLOCK ? v : v.slice(0, v.rows, start, Math.min(start + BLOCK, v.columns));
    // Of so few columns a general product is faster than a symmetric one.
    const products = matmul(y, y, { transposeA: true });
    for (let k = 0; k < y.columns; k++) {
      const square = products.data[k * y.columns + k];
      const isFine = square > 1 / largest && square < largest || zeros && square === 0;
      if (!isFine) return undefined;
    }
    blocks.push({ start, y, t: triangle(products) });
  }
  return blocks;
}

/**
 * t, column by column, from the lower triangle of the products of the reflectors: t[:, k] = -τ t[:, :k] (yᵀy)[:k, k].
 */
function triangle<Data extends RealArray>(products: Matrix<Data>): Matrix<Data> {
  const n = products.rows;
  const t = new Matrix(n, n, allocateLike(products.data, n * n));
  for (let k = 0; k < n; k++) {
    const square = products.data[k * n + k];
    if (square === 0) continue;
    const factor = 2 / square;
    for (let i = 0; i < k; i++) {
      let sum = 0;
      for (let j = i; j < k; j++) sum += t.data[i * n + j] * products.data[k * n + j];
      t.data[i * n + k] = -factor * sum;
    }
    t.data[k * n + k] = factor;
  }
  return t;
}
