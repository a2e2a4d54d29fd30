import {
  type Matrix,
  type RealArray,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { truncatedDft } from "./truncated_dft.ts";

/**
 * Periodic functions on a grid of another size, by their Fourier modes: those that the new grid does not have
 * are dropped, those that the old one does not have are zero. The mode n / 2 of the smaller grid, if that is
 * even, is dropped, as its phase is not known; on the same grid nothing changes.
 *
 * @param u Functions at the points j / columns, one per row.
 * @param n Points of the new grid.
 * @throws {RangeError} if there are no points, or a value is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { fourierResize } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const wave = (n: number) => Matrix.from(1, n, (_, j) => Math.sin(2 * Math.PI * j / n));
 * const fine = fourierResize(wave(6), 9);
 * wave(9).data.forEach((value, j) => assertAlmostEquals(fine.data[j], value, 1e-14));
 * ```
 */
export function fourierResize(u: Matrix<RealArray>, n: number): Matrix {
  const { columns } = requireMatrix("u", u);
  requireInteger("u.columns", columns, { min: 1, max: 2 ** 20 });
  requireInteger("n", n, { min: 1, max: 2 ** 20 });
  requireFinite("`u` must be finite", u.data, columns);
  if (n === columns) return u.astype("float64");
  const modes = Math.floor((Math.min(n, columns) - 1) / 2) + 1;
  const { analysis } = truncatedDft(columns, modes);
  const { synthesis } = truncatedDft(n, modes);
  const spectra = matmul(u.astype("float64"), analysis, { transposeB: true });
  return matmul(spectra, synthesis, { transposeB: true });
}

/**
 * A map of functions on a grid of `trainN` points, such as a trained network, for functions on any grid: they
 * are resized to that grid by their Fourier modes, and the results back. The result does not depend on the
 * grid, but modes from `trainN / 2` on are neither seen nor made.
 *
 * @param map Maps functions, one per row, to as many on the same grid.
 * @param trainN Points of its grid.
 * @returns The map for any grid.
 * @throws {TypeError} if `map` is not a function.
 * @throws {RangeError} if `trainN` is not a positive integer; the map throws as {@linkcode fourierResize}.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { interpolateInputOutput } from "refigure/operators";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const square = interpolateInputOutput((u) => u.map((value) => value ** 2) as Matrix, 16);
 * const wave = Matrix.from(1, 64, (_, j) => Math.cos(2 * Math.PI * j / 64));
 * assertAlmostEquals(square(wave).get(0, 3), wave.get(0, 3) ** 2, 1e-14);
 * ```
 */
export function interpolateInputOutput(
  map: (u: Matrix) => Matrix<RealArray>,
  trainN: number,
): (u: Matrix<RealArray>) => Matrix {
  requireFunction("map", map);
  requireInteger("trainN", trainN, { min: 1, max: 2 ** 20 });
  return (u) => fourierResize(requireMatrix("map(...)", map(fourierResize(u, trainN))), u.columns);
}
