import { Matrix, type RealArray, requireMatrix, requireNumber } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import type { CustomActivation } from "../networks/mod.ts";

/**
 * FINER's activation `sin(omega (|z| + 1) z)` (Liu et al. 2024), whose frequency grows with its argument. The
 * factor `|z| + 1` counts as a constant in its derivatives, as in the authors' code, which detaches it.
 *
 * @throws {RangeError} if `omega` is not positive.
 *
 * @example
 * ```ts
 * import { finerActivation } from "refigure/neural_fields";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new Float64Array(3);
 * finerActivation(30).jet(0.1, out);
 * assertEquals(out[0], Math.sin(30 * 1.1 * 0.1));
 * ```
 */
export function finerActivation(omega: number): CustomActivation {
  requireNumber("omega", omega, { above: 0 });
  return {
    name: "finer",
    jet(z, out) {
      const factor = omega * (Math.abs(z) + 1);
      out[0] = Math.sin(factor * z);
      out[1] = factor * Math.cos(factor * z);
      out[2] = -factor * factor * out[0];
    },
  };
}

/**
 * Random Fourier features `[cos(B x), sin(B x)]` (Tancik et al. 2020): what a network gets in place of
 * coordinates, so that it starts with the frequencies of B.
 *
 * @param x N points, one per row.
 * @param frequencies B, m x coordinates: angular frequencies, often normal.
 * @returns N x 2m.
 * @throws {RangeError} if the numbers of columns differ.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { fourierFeatures } from "refigure/neural_fields";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fourierFeatures(Matrix.fromRows([[0]]), Matrix.fromRows([[5]])).toRows(), [[1, 0]]);
 * ```
 */
export function fourierFeatures(x: Matrix, frequencies: Matrix): Matrix {
  requireMatrix<Matrix<RealArray>>("x", x);
  if (requireMatrix("frequencies", frequencies).columns !== x.columns) {
    throw new RangeError(
      `\`frequencies\` must have ${x.columns} columns, one per coordinate, got ${frequencies.columns}`,
    );
  }
  const phases = matmul(x, frequencies, { transposeB: true });
  const m = frequencies.rows;
  return Matrix.from(
    x.rows,
    2 * m,
    (i, j) => j < m ? Math.cos(phases.get(i, j)) : Math.sin(phases.get(i, j - m)),
  );
}
