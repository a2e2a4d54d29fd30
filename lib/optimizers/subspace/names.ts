/** Names of options that several optimizers share. Not public. */

/** Of a fixed basis. */
export const RANKED_BASIS = ["basis", "norm", "method", "selection", "seed"] as const;
/** Of the rule that chooses a subspace. */
export const SUBSPACE = RANKED_BASIS;
/** Of Adam in a subspace. */
export const ADAM_IN_SUBSPACE = [
  ...SUBSPACE,
  "rank",
  "beta1",
  "beta2",
  "eps",
  "updateGap",
  "errorFeedback",
  "rotate",
  "biasCorrection",
] as const;
