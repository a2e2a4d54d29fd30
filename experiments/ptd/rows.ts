/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** The three systems: LegS itself, its diagonal part, and the perturbed one. */
export type System = "S4" | "S4D" | "PTD";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A point of a gain |G(iω)| on the imaginary axis, first output. */
  curve: { n: number; system: System; omega: number; gain: number };
  /** The j-th spike of the diagonal model, counted from the highest frequency, and the gain of LegS there. */
  spike: { n: number; j: number; omega: number; height: number; legs: number };
  /**
   * L2 distance of the outputs of LegS and the diagonal model for a fixed input whose spectrum decays like
   * |ω|^-decay.
   */
  "fixed-input": { n: number; decay: 1 | 2; error: number };
  /** ‖A‖/n², ‖PPᵀ‖/n², and the largest resolvent norm on the axis. */
  norms: { n: number; relative: number; lowRank: number; resolvent: number };
  /** LegS diagonalized as it is: condition number, and relative error of putting it together again. */
  naive: {
    n: number;
    kappa: number;
    /** With the inverse of V formed. */
    backwardError: number;
    /** By solving with V. */
    bySolve: number;
  };
  /** One random perturbation of size eps. */
  sweep: {
    n: number;
    seed: number;
    eps: number;
    kappa: number;
    /** Largest |ΔG| on the axis. */
    deviation: number;
    maxRe: number;
    backwardError: number;
  };
  /** An optimized perturbation, or a random one to compare with. */
  optimized: {
    method: "random" | "optimized";
    seed: number;
    gamma: number;
    size: number;
    kappa: number;
    deviation: number;
  };
  /**
   * A trained readout: mean squared error without and with the tone, and its gain at the tone's frequency.
   */
  readout: { system: System; seed: number; clean: number; noisy: number; toneGain: number };
  /** A point of a readout's gain |H(exp iθ)|. */
  gain: { system: System; theta: number; gain: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** `count` numbers from `low` to `high`, evenly in the logarithm. */
export function logSpace(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
}
