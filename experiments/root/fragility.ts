import { Rng } from "../../lib/arrays/mod.ts";
import {
  ADAPTIVE_NEWTON,
  fitNewtonSchulz,
  marchenkoPasturNodes,
  NEWTON_SCHULZ,
  type NewtonSchulzCoefficients,
  newtonSchulzError,
  shapeKey,
  spectrumOf,
} from "../../lib/optimizers/mod.ts";
import type { FragilityRow, Row, SampledRow, Schedule } from "./rows.ts";

/** Errors by the Marchenko-Pastur law, for some shapes. */
export interface FragilityTrial {
  kind: "fragility";
  shapes: [m: number, n: number][];
}

/** Errors on sampled Gaussian matrices of one shape. */
export interface SampledTrial {
  kind: "sampled";
  m: number;
  n: number;
  seed: number;
  count: number;
}

const fixed: [Schedule, NewtonSchulzCoefficients][] = [
  ["cubic", NEWTON_SCHULZ.cubic],
  ["classic", NEWTON_SCHULZ.quintic],
  ["Muon", NEWTON_SCHULZ.muon5],
  ["You", NEWTON_SCHULZ.you5],
  ["Polar Express", NEWTON_SCHULZ.polarExpress8.slice(0, 5)],
];

/** Protocol A: a quadrature an error, a calibration a shape. */
export function runFragility({ shapes }: FragilityTrial): FragilityRow[] {
  return shapes.flatMap(([m, n]) => {
    const spectrum = marchenkoPasturNodes(m, n), published = ADAPTIVE_NEWTON[shapeKey(m, n)];
    const { quintic } = fitNewtonSchulz([marchenkoPasturNodes(m, n, 2000)]);
    const schedules: [Schedule, NewtonSchulzCoefficients][] = [
      ...fixed,
      ["fitted to Gaussians", new Array(5).fill(quintic)],
    ];
    if (published !== undefined) schedules.push(["published", new Array(5).fill(published)]);
    return schedules.map(([schedule, coefficients]): FragilityRow => ({
      type: "fragility",
      m,
      n,
      schedule,
      error: newtonSchulzError(spectrum, coefficients),
    }));
  });
}

/** The cross-check of protocol A. */
export function runSampled({ m, n, seed, count }: SampledTrial): Row[] {
  return Array.from({ length: count }, (_, k) => {
    const spectrum = spectrumOf(new Rng(seed).split(`${m}x${n}`).split(k).normalMatrix(m, n));
    return fixed.map(([schedule, coefficients]): SampledRow => ({
      type: "sampled",
      m,
      n,
      schedule,
      seed: k,
      error: newtonSchulzError(spectrum, coefficients),
    }));
  }).flat();
}
