import { requireFinite, requireInteger, requireLength } from "../arrays/mod.ts";
import { nelderMead } from "../statistics/mod.ts";
import type { Quintic } from "./coefficients.ts";
import type { Spectrum } from "./spectrum.ts";

/** Options of {@linkcode fitNewtonSchulz}. */
export interface CalibrationOptions {
  /** How often the quintic is applied. Default 5. */
  steps?: number;
  /** Where the searches start. Default Muon's triple, three between, and the classic quintic. */
  starts?: readonly Quintic[];
}

/** Wide shapes have many local minima: the last two are the ones that find the best there. */
const STARTS: readonly Quintic[] = [
  [3.4445, -4.7750, 2.0315],
  [3.2, -4.0, 1.7],
  [2.98, -3.67, 1.62],
  [2.5, -2.5, 1.0],
  [15 / 8, -10 / 8, 3 / 8],
];

/**
 * The one quintic that, applied `steps` times, brings given spectra nearest to 1 in the mean square: coefficients made for a shape
 * or a layer (the adaptive Newton iteration of ROOT, He et al., arXiv 2511.20626; the paper publishes its triples, not its fit).
 * Needs no matrix product, because Newton-Schulz acts on singular values alone. Minimizes by {@linkcode nelderMead} from each
 * start, twice, and keeps the best.
 *
 * @param spectra Spectra of real momenta ({@linkcode spectrumOf}), of random matrices ({@linkcode marchenkoPasturNodes}), or
 * both; scale the weights of a spectrum for a mix.
 * @returns The quintic and its error, sqrt(sum w (phi(s) - 1)^2 / sum w) over all spectra.
 * @throws {RangeError} if there are no spectra, a value is not finite, or every search diverged.
 *
 * @example Muon's triple has an error of 0.21 on a Gaussian 64 x 64 matrix
 * ```ts
 * import { fitNewtonSchulz, marchenkoPasturNodes } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { error } = fitNewtonSchulz([marchenkoPasturNodes(64, 64, 500)]);
 * assertAlmostEquals(error, 0.0886, 0.002);
 * ```
 */
export function fitNewtonSchulz(
  spectra: readonly Spectrum[],
  options: CalibrationOptions = {},
): { quintic: Quintic; error: number } {
  const { steps = 5, starts = STARTS } = options;
  requireInteger("spectra.length", spectra.length, { min: 1 });
  requireInteger("steps", steps, { min: 1 });
  requireInteger("starts.length", starts.length, { min: 1 });
  spectra.forEach(({ values, weights }, i) => {
    requireLength(`spectra[${i}].weights`, weights, values.length);
    requireFinite(`Cannot fit to the values of \`spectra[${i}]\``, values);
    requireFinite(`Cannot fit to the weights of \`spectra[${i}]\``, weights);
  });
  const total = spectra.reduce((sum, { weights }) => sum + weights.reduce((s, w) => s + w, 0), 0);
  const loss = ([a, b, c]: readonly number[]) =>
    spectra.reduce((sum, spectrum) => sum + squaredError(spectrum, a, b, c, steps), 0) / total;
  let best: { point: readonly number[]; value: number } = { point: [], value: Infinity };
  for (const start of starts) {
    if (!Number.isFinite(loss(start))) continue;
    // A simplex that has become flat on the way stops early; a fresh one at the same place goes on.
    const result = nelderMead(loss, nelderMead(loss, start).point);
    if (result.value < best.value) best = result;
  }
  if (best.value === Infinity) {
    throw new RangeError(
      "The calibration diverged from every start: give `starts` with smaller coefficients",
    );
  }
  const [a, b, c] = best.point;
  return { quintic: [a, b, c], error: Math.sqrt(best.value) };
}

function squaredError({ values, weights }: Spectrum, a: number, b: number, c: number, steps: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    let x = values[i];
    for (let step = 0; step < steps; step++) {
      const x2 = x * x;
      x *= a + x2 * (b + x2 * c);
    }
    sum += weights[i] * (x - 1) * (x - 1);
  }
  return sum;
}
