import { Rng } from "../../lib/arrays/mod.ts";
import {
  chain,
  constantThenLinear,
  fitNewtonSchulz,
  marchenkoPasturNodes,
  momentum,
  NEWTON_SCHULZ,
  type NewtonSchulzCoefficients,
  newtonSchulzError,
  orthogonalize,
  type Quintic,
  recordUpdates,
  scaleByLearningRate,
  scaleByShape,
  type Spectrum,
  spectrumOf,
} from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import type { Row, Schedule } from "./rows.ts";

/** Calibrate on one training run, evaluate on another. */
export interface PrecisionTrial {
  calibration: number;
  evaluation: number;
  /** Steps of each run; a spectrum is taken every `every` steps. */
  steps: number;
  every: number;
}

/** The layers looked at, as the paper's panels: their shapes are 64 x 256, 256 x 64 and 64 x 256. */
export const LAYERS = [2, 3, 4];

/** Sizes of the hidden layers: a bottleneck, wide, a bottleneck, wide. */
const HIDDEN = [256, 64, 256, 64];

/** One momentum that a training run orthogonalized. */
interface Momentum {
  layer: number;
  step: number;
  spectrum: Spectrum;
}

/** Trains with Muon and keeps the spectra of what it orthogonalizes. */
export function momentaOf(seed: number, steps: number, every: number): Momentum[] {
  const seen: Momentum[] = [];
  const record = recordUpdates(
    ({ name, step, singularValues }) =>
      seen.push({ layer: layerOf(name), step, spectrum: spectrumOf(singularValues) }),
    { when: (step, { name }) => step % every === 0 && LAYERS.includes(layerOf(name)) },
  );
  trainOnDigits({
    optimizer: chain(
      momentum(),
      record,
      orthogonalize(),
      scaleByShape("muon"),
      scaleByLearningRate(constantThenLinear(0.03, steps)),
    ),
    hidden: HIDDEN,
    activation: "tanh",
    steps,
    rng: new Rng(seed),
  });
  return seen;
}

/** `layer 0` of the test bed is layer 1 of the paper's counting. */
const layerOf = (name: string) => Number(name.split(" ")[1]) + 1;

/** Runs one trial of protocol B. */
export function runPrecision({ calibration, evaluation, steps, every }: PrecisionTrial): Row[] {
  const seen = momentaOf(calibration, steps, every);
  const fresh = momentaOf(evaluation, steps, every);
  const gaussian = marchenkoPasturNodes(64, 256, { count: 2000 });
  const rows: Row[] = [...histogram(seen, gaussian, calibration)];
  const oneForAll = fitNewtonSchulz(seen.map(({ spectrum }) => spectrum));
  const random = fitNewtonSchulz([gaussian]);
  for (const layer of LAYERS) {
    const own = seen.filter((momentum) => momentum.layer === layer).map(({ spectrum }) => spectrum);
    // Three parts of random matrices to one of momenta.
    const heavy = { values: gaussian.values, weights: gaussian.weights.map((w) => 3 * own.length * w) };
    const fits: [Schedule, { quintic: Quintic; error: number }][] = [
      ["AdaNewton", fitNewtonSchulz(own)],
      ["AdaNewton, one for the shape", oneForAll],
      ["fitted to a 1:3 mix", fitNewtonSchulz([...own, heavy])],
      ["fitted to Gaussians", random],
    ];
    rows.push(...fits.map(([schedule, { quintic: [a, b, c], error }]): Row<"fit"> => ({
      kind: "fit",
      calibration,
      layer,
      schedule,
      quintic: [a, b, c],
      error,
    })));
    const schedules: [Schedule, NewtonSchulzCoefficients][] = [
      ["cubic", NEWTON_SCHULZ.cubic],
      ["classic", NEWTON_SCHULZ.quintic],
      ["Muon", NEWTON_SCHULZ.muon5],
      ["You", NEWTON_SCHULZ.you5],
      ["Polar Express", NEWTON_SCHULZ.polarExpress8.slice(0, 5)],
      ...fits.map(([schedule, { quintic }]) =>
        [schedule, new Array(5).fill(quintic)] as [Schedule, NewtonSchulzCoefficients]
      ),
    ];
    for (const { step, spectrum } of fresh.filter((momentum) => momentum.layer === layer)) {
      for (const [schedule, coefficients] of schedules) {
        const error = newtonSchulzError(spectrum, coefficients);
        rows.push({ kind: "precision", calibration, evaluation, layer, step, schedule, error });
      }
    }
  }
  return rows;
}

/** Ten bins a decade, from 1e-5 to 1. */
function histogram(momenta: Momentum[], gaussian: Spectrum, seed: number): Row<"spectrum">[] {
  const bins = (source: Row<"spectrum">["source"], spectra: Spectrum[]) => {
    const shares = new Float64Array(50);
    let total = 0;
    for (const { values, weights } of spectra) {
      values.forEach((value, i) => {
        shares[Math.min(49, Math.max(0, Math.floor(50 + 10 * Math.log10(value))))] += weights[i];
        total += weights[i];
      });
    }
    return Array.from(shares, (share, bin): Row<"spectrum"> => ({
      kind: "spectrum",
      source,
      seed,
      value: 10 ** ((bin + 0.5) / 10 - 5),
      share: share / total,
    }));
  };
  return [...bins("momentum", momenta.map(({ spectrum }) => spectrum)), ...bins("Gaussian", [gaussian])];
}
