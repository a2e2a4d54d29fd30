import { Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { frobeniusNorm, singularValues } from "../../lib/linalg/mod.ts";
import {
  auonUpdates,
  constantThenLinear,
  hybridAuonUpdates,
  NEWTON_SCHULZ,
  newtonSchulz,
} from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { directionOf } from "./optimizers.ts";
import { type Row, type Stage, STAGES } from "./rows.ts";

/** A fixed matrix like that of the paper's Figure 1, which is not printed there. */
const FIXED = Matrix.fromRows([[2, 1, 0, -3], [-1, 2, 1, 0], [1, 0, -2, 1], [0, 1, 1, 2]]);

/** Figure 1: the fixed matrix, random ones, and a momentum taken from training. */
export function stages(seed: number): Row<"stage">[] {
  const rng = new Rng(seed);
  const matrices: [Row<"stage">["matrix"], Matrix<RealArray>][] = [
    ["fixed", FIXED],
    ["gaussian 4", rng.split("4").normalMatrix(4, 4)],
    ["gaussian 64", rng.split("64").normalMatrix(64, 64)],
    ["momentum 64", momentumInTraining(rng)],
  ];
  return matrices.flatMap(([matrix, g]) =>
    STAGES.map((stage) => {
      const x = atStage(g, stage);
      const entries = g.rows === 4 ? x.toRows() : null;
      return { kind: "stage", matrix, seed, stage, singularValues: Array.from(singularValues(x)), entries };
    })
  );
}

/** Stage 0 is the matrix as it is, which the paper's figure shows beside the others. */
function atStage(g: Matrix<RealArray>, stage: Stage): Matrix<RealArray> {
  if (stage === "AuON") return directionOf(auonUpdates, g, { scale: "none" });
  if (stage === "Hybrid-AuON") return directionOf(hybridAuonUpdates, g, { scale: "none" });
  const steps = Number(stage);
  return steps === 0 ? g : newtonSchulz(g, { coefficients: NEWTON_SCHULZ.muon5.slice(0, steps) });
}

/** Momentum of the second hidden layer half-way, scaled to norm 1; AuON's own update is parallel to it. */
function momentumInTraining(rng: Rng): Matrix<RealArray> {
  let update: Matrix<RealArray> = Matrix.zeros(64, 64);
  trainOnDigits({
    optimizer: auonUpdates({ learningRate: constantThenLinear(0.4, 100) }),
    steps: 50,
    onStep: ({ step, updates }) => {
      if (step === 50) update = updates[1];
    },
    rng,
  });
  return update.times(-1 / frobeniusNorm(update));
}
