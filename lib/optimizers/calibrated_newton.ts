import { type Matrix, type RealArray, requireInteger, requireOptions } from "../arrays/mod.ts";
import { fitNewtonSchulz } from "./calibration.ts";
import { NEWTON_SCHULZ } from "./coefficients.ts";
import { newtonSchulz } from "./newton_schulz.ts";
import { spectrumOf } from "./spectrum.ts";
import type { GradientTransformation } from "./transformation.ts";

/** Options of {@linkcode orthogonalizeCalibrated}. */
export interface CalibratedOptions {
  /** How many spectra are collected before the fit, at most 10,000. Default 20. */
  spectra?: number;
  /** Steps from one spectrum to the next. Default 1. */
  every?: number;
}

/** State of {@linkcode orthogonalizeCalibrated}. */
export type CalibratedState = {
  /** Steps taken. */
  step: number;
  /** Spectra collected. */
  collected: number;
  /** The spectra, one after the other. */
  values: Float64Array;
  /** The coefficients in use: Muon's until the fit. */
  quintic: Float64Array;
};

/**
 * Orthogonalizes with coefficients that the run itself calibrates: the first spectra of each parameter's
 * updates are collected, with one singular value decomposition per spectrum and Muon's coefficients in use,
 * then {@linkcode fitNewtonSchulz} fits one quintic to them. Coefficients that are fitted to random matrices
 * instead are poor on the momenta of training, whose small singular values are far smaller.
 *
 * @throws {RangeError} if `spectra` or `every` is not a positive integer.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { orthogonalizeCalibrated } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const link = orthogonalizeCalibrated({ spectra: 1 });
 * const parameter = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const }, state = link.init(parameter);
 * const update = () => link.update(Matrix.diagonal([3, 4]), state, parameter).get(0, 0);
 * assertAlmostEquals(update(), 1, 1e-3); // fitted right after the first spectrum
 * ```
 */
export function orthogonalizeCalibrated(
  options: CalibratedOptions = {},
): GradientTransformation<CalibratedState> {
  requireOptions("options", options, ["spectra", "every"]);
  const { spectra = 20, every = 1 } = options;
  requireInteger("spectra", spectra, { min: 1, max: 10_000 });
  requireInteger("every", every, { min: 1 });
  return {
    init: ({ weights: { rows, columns } }) => ({
      step: 0,
      collected: 0,
      values: new Float64Array(spectra * Math.min(rows, columns)),
      quintic: Float64Array.from(NEWTON_SCHULZ.muon5[0]),
    }),
    update(updates, state) {
      if (state.collected < spectra && state.step % every === 0 && updates.data.some((x) => x !== 0)) {
        collect(updates, state, spectra);
      }
      state.step++;
      const [a, b, c] = state.quintic;
      return newtonSchulz(updates, { coefficients: new Array(5).fill([a, b, c]) });
    },
  };
}

function collect(
  updates: Matrix<RealArray>,
  state: CalibratedState,
  spectra: number,
): void {
  const { values } = spectrumOf(updates);
  state.values.set(values, state.collected * values.length);
  state.collected++;
  if (state.collected < spectra) return;
  const weights = new Float64Array(state.values.length).fill(1);
  state.quintic.set(fitNewtonSchulz([{ values: state.values, weights }]).quintic);
}
