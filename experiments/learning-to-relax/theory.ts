/** What is known of the iterations without solving: notes 3.2 and 3.3. */
import { eig } from "../../lib/linalg/mod.ts";
import {
  convergenceGap,
  energyBound,
  energyConstants,
  jacobiRadius,
  nearAsymptoticBound,
  optimalOmega,
  sorIterationMatrix,
  sorIterations,
  sorRadius,
} from "../../lib/sparse/mod.ts";
import type { Row } from "./rows.ts";
import { shifted } from "./sequence.ts";

const TOLERANCE = 1e-8;

/** Counts for b = ones on a grid of parameters, the estimates and the bounds. */
export function surrogateRows({ shift, points }: { shift: number; points: number }): Row<"surrogate">[] {
  const a = shifted(shift);
  const beta = jacobiRadius(a);
  const optimum = optimalOmega(beta);
  const omegas = [...Array.from({ length: points }, (_, k) => 1 + k / points), optimum];
  const counts = sorIterations(a, new Float64Array(a.order).fill(1), omegas);
  const radii = omegas.map((omega) => sorRadius(omega, beta));
  const tau = omegas.reduce(
    (most, omega, k) => Math.max(most, convergenceGap(sorIterationMatrix(a, omega), counts[k] - 1, radii[k])),
    0,
  );
  const constants = energyConstants(a);
  return omegas.map((omega, k) => ({
    kind: "surrogate",
    shift,
    omega,
    optimal: omega === optimum,
    actual: counts[k],
    asymptotic: Math.log(TOLERANCE) / Math.log(radii[k]),
    bound: nearAsymptoticBound(radii[k], tau, TOLERANCE),
    energy: energyBound(omega, constants),
    tau,
  }));
}

/** Spectral radii from all eigenvalues, and from the formula. */
export function radiusRows({ shift }: { shift: number }): Row<"radius">[] {
  const a = shifted(shift);
  const beta = jacobiRadius(a);
  const optimum = optimalOmega(beta);
  return [1, 1.2, 1.45, 1.7, 1.95, optimum].map((omega) => {
    const { values } = eig(sorIterationMatrix(a, omega));
    let dense = 0;
    for (let k = 0; k < values.length; k += 2) dense = Math.max(dense, Math.hypot(values[k], values[k + 1]));
    const optimal = omega === optimum;
    return { kind: "radius", shift, omega, optimal, dense, formula: sorRadius(omega, beta) };
  });
}
