import { polarFactor } from "../../lib/linalg/mod.ts";
import {
  adamwUpdates,
  chain,
  type GradientTransformation,
  momentum,
  muonUpdates,
  normalizeNeurons,
  normuonUpdates,
  orthogonalize,
  preserveNorm,
  scaleByAdam,
  scaleByLearningRate,
  scaleByShape,
  type Schedule,
  stateless,
} from "../../lib/optimizers/mod.ts";

/** How a method is set up. */
export interface Setting {
  /** Learning rate. */
  learningRate: Schedule;
  /** Decay of the second moments of NorMuon and of its ablations. */
  beta2: number;
}

/**
 * Muon's frame: Nesterov momentum, then whatever makes the direction, then the factor by shape and the
 * learning rate.
 */
function framed({ learningRate }: Setting, ...links: GradientTransformation[]): GradientTransformation {
  return chain(momentum(), ...links, scaleByShape("muon"), scaleByLearningRate(learningRate));
}

const exactPolar = stateless((updates) => polarFactor(updates));

/**
 * What is compared: the paper's method, its baselines, and its ablations as compositions of the same links.
 */
export const METHODS = {
  "SGD": ({ learningRate }: Setting) => chain(momentum(), scaleByLearningRate(learningRate)),
  "Adam": ({ learningRate }: Setting) => adamwUpdates({ learningRate }),
  "Muon": ({ learningRate }: Setting) => muonUpdates({ learningRate }),
  "exact polar": (setting: Setting) => framed(setting, exactPolar),
  "NorMuon": (setting: Setting) => normuonUpdates(setting),
  // Normalizes the momentum's rows, before orthogonalization.
  "Front": (setting: Setting) => framed(setting, normalizeNeurons({ beta2: setting.beta2 }), orthogonalize()),
  // "Muon+Adam": a second moment for every entry.
  "coordinate-wise": (setting: Setting) =>
    framed(
      setting,
      orthogonalize(),
      preserveNorm(scaleByAdam({ beta1: 0, beta2: setting.beta2, eps: 1e-10 })),
    ),
  "wrong axis": (setting: Setting) => normuonUpdates({ ...setting, axis: "inputs" }),
};

/** Name of a method. */
export type Method = keyof typeof METHODS;
