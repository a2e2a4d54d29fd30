import {
  euclideanNorm,
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { lassoCoordinateDescent } from "./lasso.ts";
import { cannotLearn, requireBatch } from "./lp_gradient.ts";

/** Options of {@linkcode OnlineAlternatingDictionary}. */
export interface AlternatingDictionaryOptions {
  /** Length of a sample, and number of atoms. */
  n: number;
  /** Weight of the l1 norm of codes. */
  lambda: number;
  /** Passes over the atoms per batch. Default 1. */
  sweeps?: number;
  /** Start of D, n x n; its columns are scaled to unit length. Default: Gaussian. */
  init?: Matrix;
  /** Where the start comes from; not needed with `init`. */
  rng?: Rng;
}

/**
 * Online dictionary learning by alternating minimization (Mairal, Bach, Ponce & Sapiro 2009): code the
 * samples with the lasso, add them to two n x n matrices of statistics, improve one atom after the other.
 * Atoms need not be orthogonal. The classical baseline of {@linkcode OnlineOrthogonalDictionary}.
 *
 * @throws {RangeError} for options out of range; by `partialFit` for a batch of another size or with entries
 * that are not finite, which is named by its number, counted from 1.
 * @throws {TypeError} for an unknown option, or if neither `init` nor `rng` is given.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { OnlineAlternatingDictionary } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One number: the atom is 1 or -1 and stays.
 * const learner = new OnlineAlternatingDictionary({ n: 1, lambda: 0.1, rng: new Rng(0) });
 * learner.partialFit(Matrix.fromRows([[2]]));
 * assertAlmostEquals(Math.abs(learner.dictionary.get(0, 0)), 1, 1e-15);
 * ```
 */
export class OnlineAlternatingDictionary {
  readonly #n: number;
  readonly #lambda: number;
  readonly #sweeps: number;
  readonly #dictionary: Matrix;
  readonly #codes: Matrix;
  readonly #mixed: Matrix;
  #step = 0;

  /** Starts to learn. */
  constructor(options: AlternatingDictionaryOptions) {
    requireOptions("options", options, ["n", "lambda", "sweeps", "init", "rng"]);
    const { n, lambda, sweeps = 1, init, rng } = options;
    this.#n = requireInteger("n", n, { min: 1 });
    this.#lambda = requireNumber("lambda", lambda, { min: 0 });
    this.#sweeps = requireInteger("sweeps", sweeps, { min: 1 });
    if (init === undefined && rng === undefined) throw new TypeError("Either `init` or `rng` must be given");
    if (init !== undefined) {
      requireSameShape("init", requireMatrix("init", init), { rows: n, columns: n });
      requireFinite("Cannot start at `init`", init.data, n);
    }
    this.#dictionary = init?.clone() ?? requireRng("rng", rng!).normalMatrix(n, n);
    for (let j = 0; j < n; j++) {
      const norm = euclideanNorm(this.#dictionary.column(j));
      if (norm === 0) throw new RangeError(`\`init\` must have no zero atoms, but column ${j} is zero`);
      for (let i = 0; i < n; i++) this.#dictionary.data[i * n + j] /= norm;
    }
    this.#codes = Matrix.zeros(n, n);
    this.#mixed = Matrix.zeros(n, n);
  }

  /** D, n x n, atoms as columns of length at most 1; a copy. */
  get dictionary(): Matrix {
    return this.#dictionary.clone();
  }

  /** Learns from a batch Y, n x b, one sample per column. */
  partialFit(samples: Matrix): void {
    requireBatch(samples, this.#n, cannotLearn(this.#step));
    this.#step++;
    for (let s = 0; s < samples.columns; s++) {
      const y = samples.column(s);
      const { code: x } = lassoCoordinateDescent(this.#dictionary, y, this.#lambda);
      addOuter(this.#codes, x, x);
      addOuter(this.#mixed, y, x);
    }
    for (let sweep = 0; sweep < this.#sweeps; sweep++) this.#improveAtoms();
  }

  #improveAtoms(): void {
    const n = this.#n;
    const d = this.#dictionary;
    const atom = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const weight = this.#codes.get(j, j);
      // An atom that no code has used yet stays as it is.
      if (weight === 0) continue;
      for (let i = 0; i < n; i++) {
        let explained = 0;
        for (let k = 0; k < n; k++) explained += d.data[i * n + k] * this.#codes.data[k * n + j];
        atom[i] = (this.#mixed.data[i * n + j] - explained) / weight + d.data[i * n + j];
      }
      const scale = 1 / Math.max(1, euclideanNorm(atom));
      for (let i = 0; i < n; i++) d.data[i * n + j] = scale * atom[i];
    }
  }
}

function addOuter(to: Matrix, u: Float64Array, v: Float64Array): void {
  let k = 0;
  for (let i = 0; i < u.length; i++) for (let j = 0; j < v.length; j++, k++) to.data[k] += u[i] * v[j];
}
