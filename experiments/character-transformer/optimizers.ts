import { requireOneOf } from "../../lib/arrays/mod.ts";
import {
  adamwUpdates,
  auonUpdates,
  dctAdamwUpdates,
  type GradientTransformation,
  hybridAuonUpdates,
  muonUpdates,
  normuonUpdates,
  rootUpdates,
  type Schedule,
  sgdUpdates,
  trionUpdates,
} from "../../lib/optimizers/mod.ts";

/** An optimizer of hidden matrices, with the learning rate around which it is tuned. */
export interface Contestant {
  /** As figures and claims call it. */
  name: string;
  /** Middle of the grid of learning rates. */
  learningRate: number;
  /** The transformation at a learning rate. */
  make(learningRate: Schedule): GradientTransformation;
}

/** Rank of the low-rank optimizers: a quarter of the width. */
const RANK = 16;

/** All of them, in the order of the legend. */
export const contestants: readonly Contestant[] = [
  { name: "Muon", learningRate: 0.04, make: (learningRate) => muonUpdates({ learningRate }) },
  {
    name: "AdamW",
    learningRate: 0.004,
    make: (learningRate) => adamwUpdates({ learningRate, beta2: 0.95 }),
  },
  { name: "NorMuon", learningRate: 0.04, make: (learningRate) => normuonUpdates({ learningRate }) },
  {
    name: "ROOT",
    learningRate: 0.025,
    // The published table has no matrix as small as these: coefficients are fitted to the first updates.
    make: (learningRate) => rootUpdates({ learningRate, weightDecay: 0, coefficients: "calibrate" }),
  },
  { name: "Hybrid-AuON", learningRate: 0.04, make: (learningRate) => hybridAuonUpdates({ learningRate }) },
  { name: "AuON", learningRate: 0.02, make: (learningRate) => auonUpdates({ learningRate }) },
  {
    name: "Trion",
    learningRate: 0.04,
    make: (learningRate) => trionUpdates({ learningRate, rank: RANK }),
  },
  {
    name: "DCT-AdamW",
    learningRate: 0.008,
    make: (learningRate) => dctAdamwUpdates({ learningRate, rank: RANK }),
  },
  { name: "SGD", learningRate: 0.4, make: (learningRate) => sgdUpdates({ learningRate }) },
];

/** The contestant of a name. @throws {TypeError} if there is none. */
export function contestantNamed(name: string): Contestant {
  requireOneOf("optimizer", name, contestants.map((contestant) => contestant.name));
  return contestants.find((contestant) => contestant.name === name)!;
}
