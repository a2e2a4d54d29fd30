/** What trials return. */

/** The three systems: LegS itself, its diagonal part, and the perturbed one. */
export type System = "S4" | "S4D" | "PTD";

/** A point of a gain |G(iω)| on the imaginary axis, first output. */
export interface CurveRow {
  kind: "curve";
  n: number;
  system: System;
  omega: number;
  gain: number;
}

/** The j-th spike of the diagonal model, counted from the highest frequency, and the gain of LegS there. */
export interface SpikeRow {
  kind: "spike";
  n: number;
  j: number;
  omega: number;
  height: number;
  legs: number;
}

/** L2 distance of the outputs of LegS and the diagonal model for a fixed input whose spectrum decays like |ω|^-decay. */
export interface FixedInputRow {
  kind: "fixed-input";
  n: number;
  decay: 1 | 2;
  error: number;
}

/** ‖A‖/n², ‖PPᵀ‖/n², and the largest resolvent norm on the axis. */
export interface NormsRow {
  kind: "norms";
  n: number;
  relative: number;
  lowRank: number;
  resolvent: number;
}

/** LegS diagonalized as it is: condition number, and relative error of putting it together again. */
export interface NaiveRow {
  kind: "naive";
  n: number;
  kappa: number;
  /** With the inverse of V formed. */
  backwardError: number;
  /** By solving with V. */
  bySolve: number;
}

/** One random perturbation of size eps. */
export interface SweepRow {
  kind: "sweep";
  n: number;
  seed: number;
  eps: number;
  kappa: number;
  /** Largest |ΔG| on the axis. */
  deviation: number;
  maxRe: number;
  backwardError: number;
}

/** An optimized perturbation, or a random one to compare with. */
export interface OptimizedRow {
  kind: "optimized";
  method: "random" | "optimized";
  seed: number;
  gamma: number;
  size: number;
  kappa: number;
  deviation: number;
}

/** A trained readout: mean squared error without and with the tone, and its gain at the tone's frequency. */
export interface ReadoutRow {
  kind: "readout";
  system: System;
  seed: number;
  clean: number;
  noisy: number;
  toneGain: number;
}

/** A point of a readout's gain |H(exp iθ)|. */
export interface GainRow {
  kind: "gain";
  system: System;
  theta: number;
  gain: number;
}

/** A row of any kind. */
export type Row =
  | CurveRow
  | SpikeRow
  | FixedInputRow
  | NormsRow
  | NaiveRow
  | SweepRow
  | OptimizedRow
  | ReadoutRow
  | GainRow;

/** `count` numbers from `low` to `high`, evenly in the logarithm. */
export function logSpace(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
}
