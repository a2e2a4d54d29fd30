import {
  Matrix,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";

/** Options of {@linkcode hierarchicalFeatures}. */
export interface HierarchyOptions {
  /** Levels of binary branching: there are 2^levels leaves. */
  levels: number;
  /** Number of independent features. */
  features: number;
  /** Probability with which a child's feature differs from its parent's. */
  flip: number;
  /** Where features come from. */
  rng: Rng;
}

/**
 * Features of +-1 that diffuse down a binary tree: each starts fair at the root, and every child copies its
 * parent but flips it with a small probability (Saxe, McClelland & Ganguli 2014, caption of Figure 3). Near
 * leaves are alike.
 *
 * @returns features x leaves.
 * @throws {RangeError} if an option is out of range.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { hierarchicalFeatures } from "refigure/linear_networks";
 * import { assertEquals } from "@std/assert";
 *
 * const y = hierarchicalFeatures({ levels: 3, features: 4, flip: 0, rng: new Rng(0) });
 * assertEquals([y.rows, y.columns], [4, 8]);
 * assertEquals(y.get(0, 0), y.get(0, 7)); // nothing flips
 * ```
 */
export function hierarchicalFeatures(options: HierarchyOptions): Matrix {
  requireOptions("options", options, ["levels", "features", "flip", "rng"]);
  const { levels, features, flip, rng } = options;
  requireInteger("levels", levels, { max: 20 });
  requireInteger("features", features, { min: 1 });
  requireNumber("flip", flip, { min: 0, max: 1 });
  requireRng("rng", rng);
  const leaves = 2 ** levels;
  const out = Matrix.zeros(features, leaves);
  for (let feature = 0; feature < features; feature++) {
    const row = out.row(feature);
    row[0] = rng.uniform() < 0.5 ? -1 : 1;
    // A generation at a time, from the right, so that children do not overwrite parents that are still
    // needed.
    for (let size = 1; size < leaves; size *= 2) {
      for (let i = size - 1; i >= 0; i--) {
        const parent = row[i];
        row[2 * i + 1] = rng.uniform() < flip ? -parent : parent;
        row[2 * i] = rng.uniform() < flip ? -parent : parent;
      }
    }
  }
  return out;
}

/**
 * Eigenvalues of the expected correlation of the leaves, descending with multiplicity: leaves whose nearest
 * common ancestor is j levels up correlate as (1 - 2 flip)^(2j), and the eigenvectors are Haar wavelets on
 * the tree.
 *
 * @param levels Levels of binary branching, up to 20.
 * @param flip Probability with which a child's feature differs from its parent's.
 * @returns 2^levels eigenvalues.
 * @throws {RangeError} if an argument is out of range.
 *
 * @example
 * ```ts
 * import { hierarchicalSpectrum } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const spectrum = hierarchicalSpectrum(5, 0.1);
 * assertAlmostEquals(spectrum[0], 6.5679401984, 1e-12);
 * assertAlmostEquals(spectrum[31], 0.36, 1e-12);
 * ```
 */
export function hierarchicalSpectrum(levels: number, flip: number): Float64Array {
  requireInteger("levels", levels, { max: 20 });
  requireNumber("flip", flip, { min: 0, max: 1 });
  const likeness = (1 - 2 * flip) ** 2;
  const out: number[] = [];
  // Inside a subtree of height h every leaf sees this much correlation in all.
  const inside = [1];
  for (let h = 1; h <= levels; h++) inside.push(inside[h - 1] + 2 ** (h - 1) * likeness ** h);
  out.push(inside[levels]);
  for (let h = levels; h >= 1; h--) {
    // A wavelet takes one half of a subtree of height h against the other.
    const value = inside[h - 1] - 2 ** (h - 1) * likeness ** h;
    for (let k = 0; k < 2 ** (levels - h); k++) out.push(value);
  }
  return Float64Array.from(out);
}
