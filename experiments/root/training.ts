import { Rng } from "../../lib/arrays/mod.ts";
import {
  adamwUpdates,
  constantThenLinear,
  type GradientTransformation,
  muonUpdates,
  type Quintic,
  rootUpdates,
} from "../../lib/optimizers/mod.ts";
import { addOutliers, trainOnDigits } from "../../lib/training/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import type { Method, Row } from "./rows.ts";

/** Protocol D: some methods and learning rates on the same hit gradients. */
export interface TrainingTrial {
  probability: number;
  size: number;
  methods: Method[];
  /** Learning rates over the protocol's. */
  ratios: number[];
  steps: number;
  seed: number;
}

/** The protocol's learning rates: Muon and everything that orthogonalizes; AdamW. */
export const RATES = { matrix: 0.05, adam: 0.03 };

/** What the calibration gives for 64 x 64. */
const TABLE: Record<"64x64", Quintic> = { "64x64": [3.161, -3.5732, 1.3855] };

const MUON_TABLE: Record<"64x64", Quintic> = { "64x64": [3.4445, -4.7750, 2.0315] };

/** The methods; all without weight decay, with Muon's own factor by shape. */
function optimizerOf(method: Method, rate: (step: number) => number): GradientTransformation {
  const options = { learningRate: rate, weightDecay: 0, scale: "muon" as const };
  switch (method) {
    case "Muon":
      return muonUpdates(options);
    case "AdamW":
      return adamwUpdates({ learningRate: rate, beta1: 0.9, beta2: 0.95 });
    case "ROOT":
      return rootUpdates({ ...options, coefficients: TABLE });
    case "AdaNewton only":
      return rootUpdates({ ...options, coefficients: TABLE, clip: "none" });
    case "clip only":
      return rootUpdates({ ...options, coefficients: MUON_TABLE });
    case "clip before momentum":
      return rootUpdates({ ...options, coefficients: TABLE, clip: "gradient" });
  }
}

/** Runs one trial of protocol D. */
export function runTraining(trial: TrainingTrial, report: Report<Row<"training">>): Row<"training">[] {
  const { probability, size, methods, ratios, steps, seed } = trial;
  const settings = methods.flatMap((method) => ratios.map((ratio) => ({ method, ratio })));
  const rows: Row<"training">[] = [];
  for (const { method, ratio } of settings) {
    const learningRate = ratio * (method === "AdamW" ? RATES.adam : RATES.matrix);
    const { loss } = trainOnDigits({
      optimizer: optimizerOf(method, constantThenLinear(learningRate, steps)),
      steps,
      corrupt: (gradients, rng) => {
        if (probability > 0) gradients.forEach((g) => addOutliers(g, { probability, size, rng }));
      },
      rng: new Rng(seed),
    });
    rows.push({
      kind: "training",
      probability,
      size,
      method,
      learningRate,
      ratio,
      seed,
      loss: Number.isFinite(loss) ? loss : null,
    });
    report(rows.length / settings.length, rows);
  }
  return rows;
}
