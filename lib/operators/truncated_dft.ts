import { Matrix, requireInteger } from "../arrays/mod.ts";

/** The two matrices of {@linkcode truncatedDft}. */
export interface TruncatedDft {
  /** 2K x n: row 2k gives the real part of mode k, row 2k + 1 the imaginary part, both divided by n. */
  analysis: Matrix;
  /** n x 2K: the real function with these modes and their conjugates. */
  synthesis: Matrix;
  /** Number K of modes. */
  modes: number;
}

/**
 * The discrete Fourier transform of n real numbers cut off after K modes, and the way back, as two matrices.
 * For few modes their products cost 2 n K multiplications, which is less than a fast transform needs, for
 * every n; and their derivatives are their transposes.
 *
 * `synthesis` ignores the imaginary parts of mode 0 and, where n is even, of mode n / 2, as every real
 * inverse transform does.
 *
 * @param n Points.
 * @param modes Modes k = 0 to K - 1; where n has fewer than K, all of its floor(n / 2) + 1, with a warning,
 * once.
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { matvec } from "refigure/blas";
 * import { truncatedDft } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { analysis, synthesis } = truncatedDft(8, 3);
 * const wave = Float64Array.from({ length: 8 }, (_, j) => Math.cos(2 * Math.PI * j / 8));
 * const modes = matvec(analysis, wave);
 * assertAlmostEquals(modes[2], 0.5, 1e-15);
 * matvec(synthesis, modes).forEach((value, j) => assertAlmostEquals(value, wave[j], 1e-14));
 * ```
 */
export function truncatedDft(n: number, modes: number): TruncatedDft {
  requireInteger("n", n, { min: 1, max: 2 ** 20 });
  requireInteger("modes", modes, { min: 1 });
  const kept = Math.min(modes, Math.floor(n / 2) + 1);
  if (kept < modes) {
    warnOnce(`a grid of ${n} points has ${kept} Fourier modes, fewer than the ${modes} asked for`);
  }
  const analysis = Matrix.zeros(2 * kept, n) as Matrix;
  const synthesis = Matrix.zeros(n, 2 * kept) as Matrix;
  for (let k = 0; k < kept; k++) {
    const isOwnConjugate = 2 * k % n === 0;
    for (let j = 0; j < n; j++) {
      // k j is reduced in integers, so that no digits are lost.
      const angle = 2 * Math.PI * (k * j % n) / n;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      analysis.data[2 * k * n + j] = cos / n;
      analysis.data[(2 * k + 1) * n + j] = -sin / n;
      synthesis.data[j * 2 * kept + 2 * k] = isOwnConjugate ? cos : 2 * cos;
      synthesis.data[j * 2 * kept + 2 * k + 1] = isOwnConjugate ? 0 : -2 * sin;
    }
  }
  return { analysis, synthesis, modes: kept };
}

let hasWarned = false;

function warnOnce(what: string): void {
  if (!hasWarned) console.warn(`refigure: ${what}; those that it has are used.`);
  hasWarned = true;
}
