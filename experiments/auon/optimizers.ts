import type { Matrix, RealArray } from "../../lib/arrays/mod.ts";
import {
  adamwUpdates,
  type AuonOptions,
  auonUpdates,
  type GradientTransformation,
  hybridAuonUpdates,
  muonUpdates,
  normalizedSgdUpdates,
  type Schedule,
  sgdUpdates,
} from "../../lib/optimizers/mod.ts";

/** An optimizer that is compared. */
export type OptimizerName = "Muon" | "AdamW" | "Hybrid-AuON" | "SGD" | "AuON" | "normalized SGD";

/** How an optimizer is made, from its learning rate. */
export type Make = (learningRate: Schedule) => GradientTransformation;

/**
 * What is compared: how it is made, the rate in the middle of its grid on digits, and that at which it learns
 * the associative memory in some tens of steps.
 */
export const OPTIMIZERS: Record<OptimizerName, { make: Make; middle: number; memoryRate: number }> = {
  "Muon": { make: (learningRate) => muonUpdates({ learningRate }), middle: 0.05, memoryRate: 0.1 },
  "AdamW": { make: (learningRate) => adamwUpdates({ learningRate }), middle: 0.05, memoryRate: 0.01 },
  "Hybrid-AuON": {
    make: (learningRate) => hybridAuonUpdates({ learningRate }),
    middle: 0.2,
    memoryRate: 0.1,
  },
  "SGD": { make: (learningRate) => sgdUpdates({ learningRate }), middle: 5, memoryRate: 3 },
  "AuON": { make: (learningRate) => auonUpdates({ learningRate }), middle: 0.4, memoryRate: 0.1 },
  "normalized SGD": {
    make: (learningRate) => normalizedSgdUpdates({ learningRate }),
    middle: 0.4,
    memoryRate: 0.1,
  },
};

/** Their names. */
export const NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];

/** What an optimizer without momentum makes of a matrix at rate 1: its direction. */
export function directionOf<Data extends RealArray>(
  make: (options: AuonOptions) => GradientTransformation,
  g: Matrix<Data>,
  options: AuonOptions = {},
): Matrix<Data> {
  const link = make({ learningRate: 1, momentum: 0, ...options });
  const parameter = { name: "w", weights: g, outputs: "rows" as const };
  return link.update(g.clone(), link.init(parameter), parameter).times(-1) as Matrix<Data>;
}
