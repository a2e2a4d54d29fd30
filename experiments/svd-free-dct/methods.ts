import {
  adamwUpdates,
  type DctAdamWOptions,
  dctAdamwUpdates,
  dionUpdates,
  type GradientTransformation,
  muonUpdates,
  type Schedule,
  trionUpdates,
} from "../../lib/optimizers/mod.ts";

/** How a method is set up; the seed is that of random bases and choices. */
interface Setting {
  learningRate: Schedule;
  seed: number;
}

type Make = (setting: Setting) => GradientTransformation;

/** Adam in 8 dimensions; without options the 8 best cosines, chosen at every step, with error feedback. */
function inSubspace(options: Partial<DctAdamWOptions> = {}): Make {
  return (setting) => dctAdamwUpdates({ rank: 8, ...options, ...setting });
}

const dion = (rank: number): Make => (setting) => dionUpdates({ ...setting, rank, weightDecay: 0 });
const trion = (rank: number): Make => ({ learningRate }) => trionUpdates({ learningRate, rank });

/** Adam, and Adam in subspaces: what is chosen, how often, and whether what is lost is fed back. */
export const ADAM_METHODS = {
  "Adam, full rank": ({ learningRate }: Setting) => adamwUpdates({ learningRate }),
  "DCT": inSubspace(),
  "SVD": inSubspace({ basis: "svd" }),
  "random basis": inSubspace({ basis: "random" }),
  "DCT, random columns": inSubspace({ selection: "random" }),
  "DCT, columns in turn": inSubspace({ selection: "roundRobin" }),
  "DCT, corrected by age": inSubspace({ biasCorrection: "age" }),
  "DCT, random, by age": inSubspace({ selection: "random", biasCorrection: "age" }),
  "DCT, gap 10": inSubspace({ updateGap: 10 }),
  "SVD, gap 10": inSubspace({ basis: "svd", updateGap: 10 }),
  "DCT, gap 10, no feedback": inSubspace({ updateGap: 10, errorFeedback: false }),
  "SVD, gap 10, no feedback": inSubspace({ basis: "svd", updateGap: 10, errorFeedback: false }),
  "random basis, gap 10, no feedback": inSubspace({ basis: "random", updateGap: 10, errorFeedback: false }),
  "DCT, no feedback": inSubspace({ errorFeedback: false }),
  "DCT, random columns, no feedback": inSubspace({ selection: "random", errorFeedback: false }),
  "DCT, columns in turn, no feedback": inSubspace({ selection: "roundRobin", errorFeedback: false }),
};

/** Muon and its two low-rank relatives. */
export const MUON_METHODS = {
  "Muon, full rank": ({ learningRate }: Setting) => muonUpdates({ learningRate }),
  "Dion, rank 8": dion(8),
  "Trion, rank 8": trion(8),
  "Dion, rank 16": dion(16),
  "Trion, rank 16": trion(16),
};

/** All that is trained. */
export const METHODS = { ...ADAM_METHODS, ...MUON_METHODS };

/** Name of a method. */
export type Method = keyof typeof METHODS;
