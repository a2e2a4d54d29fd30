/** The factor model of a trial. */
import type { FactorProblem } from "../../lib/latent_variables/mod.ts";

/** A factor model whose factors all have the same strength. */
export interface Setting {
  /** Entries of an input. */
  d: number;
  /** Factors. */
  r: number;
  /** Square of each singular value of the loadings. */
  strength: number;
  /** Variance of the target given the factors. */
  noise: number;
}

/** The one that the criteria are about, whatever a knob is set to: notes 6. */
export const STANDARD: Setting = { d: 60, r: 4, strength: 4, noise: 0.25 };

/** It, with a target that depends on all factors equally. */
export function problemOf({ d, r, strength, noise }: Setting): FactorProblem {
  return {
    dimension: d,
    strengths: Array<number>(r).fill(strength),
    coefficients: Array<number>(r).fill(1 / Math.sqrt(r)),
    noiseVariance: noise,
  };
}
