import { Rng } from "../../lib/arrays/mod.ts";
import {
  ADAPTIVE_NEWTON,
  fitNewtonSchulz,
  invariantBound,
  marchenkoPasturNodes,
  NEWTON_SCHULZ,
  type NewtonSchulzCoefficients,
  newtonSchulzError,
  newtonSchulzScalar,
  type Quintic,
  shapeKey,
  spectrumOf,
} from "../../lib/optimizers/mod.ts";
import type { Row, Schedule } from "./rows.ts";

/** Errors by the Marchenko-Pastur law, for some shapes. */
export interface FragilityTrial {
  shapes: [m: number, n: number][];
}

/** Errors on sampled Gaussian matrices of one shape. */
export interface SampledTrial {
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
export function runFragility({ shapes }: FragilityTrial): Row[] {
  return shapes.flatMap(([m, n]): Row[] => {
    const spectrum = marchenkoPasturNodes(m, n);
    const published = ADAPTIVE_NEWTON[shapeKey(m, n)];
    const { quintic } = fitNewtonSchulz([marchenkoPasturNodes(m, n, { count: 2000 })]);
    const schedules: [Schedule, NewtonSchulzCoefficients][] = [
      ...fixed,
      ["fitted to Gaussians", new Array(5).fill(quintic)],
    ];
    if (published !== undefined) schedules.push(["published", new Array(5).fill(published)]);
    const rows = schedules.map(([schedule, coefficients]): Row<"fragility"> => ({
      kind: "fragility",
      m,
      n,
      schedule,
      error: newtonSchulzError(spectrum, coefficients),
    }));
    return published === undefined ? rows : [...rows, boundOf(m, n, published)];
  });
}

/** On an even grid of a hundred thousand values. */
function boundOf(m: number, n: number, quintic: Quintic): Row<"bound"> {
  const five = new Array(5).fill(quintic);
  const bound = invariantBound(quintic);
  let worst = 0;
  for (let i = 0; i <= 1e5; i++) worst = Math.max(worst, Math.abs(newtonSchulzScalar(i / 1e5, five)));
  return { kind: "bound", m, n, worst, bound: Number.isFinite(bound) ? bound : null };
}

/** The cross-check of protocol A. */
export function runSampled({ m, n, seed, count }: SampledTrial): Row[] {
  return Array.from({ length: count }, (_, k) => {
    const spectrum = spectrumOf(new Rng(seed).split(`${m}x${n}`).split(k).normalMatrix(m, n));
    return fixed.map(([schedule, coefficients]): Row<"sampled"> => ({
      kind: "sampled",
      m,
      n,
      schedule,
      seed: k,
      error: newtonSchulzError(spectrum, coefficients),
    }));
  }).flat();
}
