import {
  describeValue,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireOptions,
} from "../arrays/mod.ts";
import { nelderMead } from "../statistics/mod.ts";
import { MOST_STEPS, requireQuintic, requireSpectrum } from "./checks.ts";
import type { Quintic } from "./coefficients.ts";
import type { Spectrum } from "./spectrum.ts";

/** Options of {@linkcode fitNewtonSchulz}. */
export interface CalibrationOptions {
  /** How often the quintic is applied, 1 to 1000 times. Default 5. */
  steps?: number;
  /**
   * Whether only quintics are admitted that keep every value in [0, 1] bounded ({@linkcode invariantBound}),
   * not just those of the given spectra. Default true: a later momentum may have singular values between
   * those of the spectra.
   */
  bounded?: boolean;
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
 * The one quintic that, applied `steps` times, brings given spectra nearest to 1 in the mean square:
 * coefficients made for a shape or a layer (the adaptive Newton iteration of ROOT, He et al., arXiv
 * 2511.20626; the paper publishes its triples, not its fit). Needs no matrix product, because Newton-Schulz
 * acts on singular values alone. Minimizes by {@linkcode nelderMead} from each start, twice, and keeps the
 * best.
 *
 * @param spectra Spectra of real momenta ({@linkcode spectrumOf}), of random matrices ({@linkcode
 * marchenkoPasturNodes}), or both; scale the weights of a spectrum for a mix.
 * @param options Steps, starts and whether the quintic must be bounded.
 * @returns The quintic and its error, sqrt(sum w (phi(s) - 1)^2 / sum w) over all spectra.
 * @throws {RangeError} if there are no spectra, a value is not finite, or every start is refused or diverges.
 * @throws {TypeError} if a spectrum is not one, or an option is unknown or of the wrong type.
 *
 * @example Muon's triple has an error of 0.21 on a Gaussian 64 x 64 matrix
 * ```ts
 * import { fitNewtonSchulz, marchenkoPasturNodes } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { error } = fitNewtonSchulz([marchenkoPasturNodes(64, 64, { count: 500 })]);
 * assertAlmostEquals(error, 0.0886, 0.002);
 * ```
 */
export function fitNewtonSchulz(
  spectra: readonly Spectrum[],
  options: CalibrationOptions = {},
): { quintic: Quintic; error: number } {
  requireOptions("options", options, ["steps", "bounded", "starts"]);
  const { steps = 5, starts = STARTS, bounded = true } = options;
  for (const [name, list] of [["spectra", spectra], ["starts", starts]] as const) {
    if (!Array.isArray(list)) {
      throw new TypeError(`\`${name}\` must be an array, got ${describeValue(list)}`);
    }
    requireInteger(`${name}.length`, list.length, { min: 1 });
  }
  requireInteger("steps", steps, { min: 1, max: MOST_STEPS });
  requireBoolean("bounded", bounded);
  starts.forEach((start, i) => requireQuintic(`starts[${i}]`, start));
  spectra.forEach((spectrum, i) => {
    const { values, weights } = requireSpectrum(`spectra[${i}]`, spectrum);
    requireFinite(`Cannot fit to the values of \`spectra[${i}]\``, values);
    requireFinite(`Cannot fit to the weights of \`spectra[${i}]\``, weights);
  });
  const total: number = spectra.reduce((sum, { weights }) => sum + weights.reduce((s, w) => s + w, 0), 0);
  if (!(total > 0)) throw new RangeError(`The weights of \`spectra\` must have a positive sum, got ${total}`);
  const loss = ([a, b, c]: readonly number[]) => {
    if (bounded && boundOf(a, b, c) === Infinity) return Infinity;
    return spectra.reduce((sum, spectrum) => sum + squaredError(spectrum, a, b, c, steps), 0) / total;
  };
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

/**
 * The largest size that a value in [0, 1] can reach, however often a quintic is applied: the R >= 1 of an
 * interval [-R, R] that contains the image of [0, 1] and is mapped into itself. `Infinity` if there is no
 * such interval: then some values in [0, 1] may grow without bound.
 *
 * @throws {RangeError} unless the quintic has three coefficients, all finite.
 * @throws {TypeError} if it is not an array of numbers.
 *
 * @example Muon's band ends at 1.2024; one of the published triples of ROOT has no such bound
 * ```ts
 * import { ADAPTIVE_NEWTON, invariantBound, NEWTON_SCHULZ } from "refigure/optimizers";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertAlmostEquals(invariantBound(NEWTON_SCHULZ.muon5[0]), 1.202368605, 1e-9);
 * assertEquals(invariantBound(ADAPTIVE_NEWTON["2048x2048"]), Infinity);
 * ```
 */
export function invariantBound(quintic: Quintic): number {
  const [a, b, c] = requireQuintic("quintic", quintic);
  return boundOf(a, b, c);
}

function boundOf(a: number, b: number, c: number): number {
  const value = (x: number) => x * (a + x * x * (b + x * x * c));
  // Where a + 3 b y + 5 c y^2 = 0 for y = x^2; linear in y for a cubic.
  const root = Math.sqrt(9 * b * b - 20 * a * c);
  const squares = c === 0 ? [-a / (3 * b)] : [(-3 * b - root) / (10 * c), (-3 * b + root) / (10 * c)];
  const extremes = squares.filter((y) => y > 0).map(Math.sqrt);
  const largestOn = (end: number) =>
    Math.max(Math.abs(value(end)), ...extremes.filter((x) => x < end).map((x) => Math.abs(value(x))));
  const bound = Math.max(1, largestOn(1));
  return largestOn(bound) <= bound ? bound : Infinity;
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
