import {
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireInteger,
  requireOneOf,
  requireOptions,
  Rng,
} from "../../arrays/mod.ts";
import { haarOrthogonal } from "../../linalg/mod.ts";
import { dctMatrix } from "../../transforms/mod.ts";

/**
 * Orthonormal bases of R^n that do not depend on the data.
 *
 * | name | basis vectors |
 * |---|---|
 * | `dct2` | cosines, `sqrt(2/n) cos(pi k (2j + 1) / 2n)` over j: the rows of the cosine transform; the first
 * is constant |
 * | `dct3` | the columns of the same matrix (the official code's `matmul` mode): also orthonormal, other
 * subspaces |
 * | `random` | a Haar-distributed rotation, from a fixed seed |
 * | `axes` | the coordinate axes |
 */
export type BasisName = "dct2" | "dct3" | "random" | "axes";

const BASES: readonly BasisName[] = ["dct2", "dct3", "random", "axes"];

/** Options of {@linkcode orthonormalBasis}. */
export interface OrthonormalBasisOptions {
  /** Precision. Default float64. */
  dtype?: DType;
  /** Of the random basis. Default 0. */
  seed?: number;
}

const kept = new Map<string, Matrix<RealArray>>();
/** A model has few different widths; a program that sweeps over many must not fill the memory. */
const KEPT = 32;

/**
 * The vectors of an orthonormal basis of R^n, one per row. Made once for each n and shared by all callers: do
 * not change it.
 *
 * @param name Which basis.
 * @param n Dimension, at least 1.
 * @param options Precision, and the seed of the random basis.
 * @returns n x n, orthogonal.
 * @throws {RangeError} if `n` is not a positive integer.
 * @throws {TypeError} if the name, an option or the precision is unknown.
 *
 * @example
 * ```ts
 * import { orthonormalBasis } from "refigure/optimizers";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const cosines = orthonormalBasis("dct2", 4);
 * for (const x of cosines.row(0)) assertAlmostEquals(x, 0.5); // the constant vector
 * assertAlmostEquals(cosines.get(1, 0), 0.653281482438, 1e-12);
 * assert(orthonormalBasis("dct2", 4) === cosines);
 * ```
 */
export function orthonormalBasis(
  name: BasisName,
  n: number,
  options: OrthonormalBasisOptions = {},
): Matrix<RealArray> {
  requireOneOf("name", name, BASES);
  requireOptions("options", options, ["dtype", "seed"]);
  const { dtype = "float64", seed = 0 } = options;
  requireOneOf("dtype", dtype, DTYPES);
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  requireInteger("n", n, { min: 1 });
  const key = `${name} ${n} ${dtype} ${seed}`;
  let basis = kept.get(key);
  if (basis === undefined) {
    basis = make(name, n, seed).astype(dtype);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, basis);
  }
  return basis;
}

function make(name: BasisName, n: number, seed: number): Matrix {
  switch (name) {
    case "dct2":
      return dctMatrix(n);
    case "dct3":
      return dctMatrix(n, { type: 3 });
    case "random":
      return haarOrthogonal(n, { rng: new Rng(seed).split(`orthonormal basis ${n}`) });
    case "axes":
      return Matrix.identity(n);
  }
}
