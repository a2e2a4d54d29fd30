import {
  adamwUpdates,
  constantThenLinear,
  dctAdamwUpdates,
  dionUpdates,
  type GradientTransformation,
  muonUpdates,
  trionUpdates,
} from "../../lib/optimizers/mod.ts";
import type { Method } from "./rows.ts";

const adam = (optimizer: string, method: Partial<Method>): Method => ({
  family: "adam",
  kind: "subspace",
  optimizer,
  rank: 8,
  basis: "dct2",
  norm: 2,
  errorFeedback: true,
  updateGap: 1,
  ...method,
});

/**
 * Adam, and Adam in subspaces of dimension 8: what is chosen, whether what is lost is fed back, and how often
 * is chosen.
 */
export const ADAM_METHODS: Method[] = [
  { family: "adam", kind: "adam", optimizer: "Adam, full rank" },
  adam("DCT", {}),
  adam("SVD", { basis: "svd" }),
  adam("random Q", { basis: "random" }),
  adam("DCT, random columns", { selection: "random" }),
  adam("DCT, columns in turn", { selection: "roundRobin" }),
  adam("DCT, corrected by age", { biasCorrection: "age" }),
  adam("DCT, random, by age", { selection: "random", biasCorrection: "age" }),
  adam("DCT, gap 10", { updateGap: 10 }),
  adam("SVD, gap 10", { basis: "svd", updateGap: 10 }),
  ...[
    adam("DCT, gap 10", { updateGap: 10 }),
    adam("SVD, gap 10", { basis: "svd", updateGap: 10 }),
    adam("random Q, gap 10", { basis: "random", updateGap: 10 }),
    adam("DCT", {}),
    adam("DCT, random columns", { selection: "random" }),
    adam("DCT, columns in turn", { selection: "roundRobin" }),
  ].map((method) => ({ ...method, optimizer: `${method.optimizer}, no feedback`, errorFeedback: false })),
];

/** Muon and its two low-rank relatives. */
export const MUON_METHODS: Method[] = [
  { family: "muon", kind: "muon", optimizer: "Muon, full rank" },
  ...[8, 16].flatMap((rank): Method[] => [
    { family: "muon", kind: "dion", optimizer: `Dion, rank ${rank}`, rank },
    { family: "muon", kind: "trion", optimizer: `Trion, rank ${rank}`, rank, basis: "dct2", norm: 1 },
  ]),
];

/** The transformation of a method, with the schedule of the test bed. */
export function transformationOf(
  { kind, rank = 8, basis, selection, norm, errorFeedback, updateGap, biasCorrection }: Method,
  peak: number,
  steps: number,
  seed: number,
): GradientTransformation {
  const learningRate = constantThenLinear(peak, steps);
  switch (kind) {
    case "adam":
      return adamwUpdates({ learningRate });
    case "muon":
      return muonUpdates({ learningRate });
    case "dion":
      return dionUpdates({ learningRate, rank, seed, weightDecay: 0 });
    case "trion":
      return trionUpdates({ learningRate, rank, basis, norm });
    case "subspace":
      return dctAdamwUpdates({
        learningRate,
        rank,
        basis,
        selection,
        norm,
        errorFeedback,
        updateGap,
        biasCorrection,
        seed,
      });
  }
}
