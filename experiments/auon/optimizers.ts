import {
  adamwUpdates,
  auonUpdates,
  type GradientTransformation,
  hybridAuonUpdates,
  muonUpdates,
  normalizedSgdUpdates,
  type Schedule,
  sgdUpdates,
} from "../../lib/optimizers/mod.ts";
import type { OptimizerName } from "./rows.ts";

/** What is compared: how it is made, and the rate in the middle of its grid. */
export const OPTIMIZERS: Record<
  OptimizerName,
  { make: (learningRate: Schedule) => GradientTransformation; middle: number }
> = {
  Muon: { make: (learningRate) => muonUpdates({ learningRate }), middle: 0.05 },
  AdamW: { make: (learningRate) => adamwUpdates({ learningRate }), middle: 0.05 },
  "Hybrid-AuON": { make: (learningRate) => hybridAuonUpdates({ learningRate }), middle: 0.2 },
  SGD: { make: (learningRate) => sgdUpdates({ learningRate }), middle: 5 },
  AuON: { make: (learningRate) => auonUpdates({ learningRate }), middle: 0.4 },
  "normalized SGD": { make: (learningRate) => normalizedSgdUpdates({ learningRate }), middle: 0.4 },
};

/** In the order of the figures. */
export const NAMES = Object.keys(OPTIMIZERS) as OptimizerName[];

/** What a transformation without momentum makes of a matrix at rate 1: its direction. */
export function directionOf(
  make: (options: { learningRate: number; momentum: number }) => GradientTransformation,
  g: Parameters<GradientTransformation["update"]>[0],
): typeof g {
  const link = make({ learningRate: 1, momentum: 0 });
  const parameter = { name: "w", weights: g, outputs: "rows" as const };
  return link.update(g.clone(), link.init(parameter), parameter).times(-1);
}
