import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import { constantThenLinear, MatrixOptimizer, muonUpdates, newtonSchulz } from "../../lib/optimizers/mod.ts";
import { associativeMemory, Mlp, trainOnDigits } from "../../lib/training/mod.ts";
import { CONTENDERS } from "./contenders.ts";
import type { MemoryKind, Row } from "./rows.ts";

/** Mean loss at which the facts are compared. */
export const STOP_AT = 1.7;

/** Protocol B, one run; at the optimizer's usual rate unless told otherwise. */
export function memory<Kind extends MemoryKind>(
  run: Pick<Row<Kind>, "kind" | "optimizer" | "facts" | "turn" | "seed"> & { learningRate?: number },
): Row<Kind> {
  const { optimizer, facts, turn, seed } = run;
  const { make, memoryRate } = CONTENDERS[optimizer];
  const { learningRate = memoryRate } = run;
  let last: readonly number[] = [];
  const points = associativeMemory({
    optimizer: make(learningRate),
    facts,
    rotated: turn === "random" ? true : turn,
    steps: 2000,
    stopAt: STOP_AT,
    rng: new Rng(seed),
    onPoint: (_, losses) => last = losses,
  });
  const { step, meanLoss, tailLoss } = points[points.length - 1];
  const isDrawn = run.kind === "bases" && learningRate === memoryRate;
  return {
    ...run,
    learningRate,
    steps: step,
    meanLoss,
    ratio: tailLoss / meanLoss,
    curve: isDrawn ? points.map(({ meanLoss, tailLoss }) => [meanLoss, tailLoss]) : null,
    losses: isDrawn ? [...last] : null,
  };
}

/** Protocol C, one run. */
export function digitsRun(
  run: Pick<Row<"digits">, "optimizer" | "learningRate" | "steps" | "batch" | "seed">,
): Row<"digits"> {
  const { optimizer, learningRate, steps, batch, seed } = run;
  const transformation = CONTENDERS[optimizer].make(constantThenLinear(learningRate, steps));
  try {
    return {
      kind: "digits",
      ...run,
      ...trainOnDigits({ optimizer: transformation, steps, batch, rng: new Rng(seed) }),
    };
  } catch (error) {
    if (!(error instanceof RangeError && error.message.includes("not finite"))) throw error;
    return { kind: "digits", ...run, loss: null, testError: null };
  }
}

const TRAINING_IMAGES = 1297;
const WARM_UP = 10;
const DRAWS = 10;

/** How noisy Muon's direction is: the middle layer of a network early in its training. */
export function noise(batches: readonly number[], seed: number): Row<"noise">[] {
  const rng = new Rng(seed);
  const { images, labels } = digits();
  const all = images.slice(0, TRAINING_IMAGES);
  const allLabels = labels.slice(0, TRAINING_IMAGES);
  const net = new Mlp({ widths: [64, 64, 64, 64, 10], rng: rng.split("start") });
  const driver = new MatrixOptimizer(
    net.weights.map((weights, i) => ({ name: `layer ${i}`, weights, outputs: "rows" })),
    muonUpdates(),
  );
  for (let step = 0; step < WARM_UP; step++) driver.step(net.gradients(all, allLabels).weights);
  const gradientOf = (x: Matrix, y: Int32Array) => net.gradients(x, y).weights[1];
  const full = gradientOf(all, allLabels);
  const fullUpdate = newtonSchulz(full);
  return batches.map((batch) => {
    const draws = rng.split(`batches of ${batch}`);
    const x = Matrix.zeros(batch, 64);
    const y = new Int32Array(batch);
    let gradient = 0;
    let update = 0;
    let descent = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      for (let i = 0; i < batch; i++) {
        const k = draws.integer(TRAINING_IMAGES);
        x.data.set(images.row(k), 64 * i);
        y[i] = labels[k];
      }
      const g = gradientOf(x, y);
      const o = newtonSchulz(g);
      gradient += cosine(g, full) / DRAWS;
      update += cosine(o, fullUpdate) / DRAWS;
      descent += cosine(o, full) / DRAWS;
    }
    return { kind: "noise", seed, batch, gradient, update, descent, ceiling: cosine(fullUpdate, full) };
  });
}

function cosine(a: Matrix, b: Matrix): number {
  return a.data.reduce((sum, x, k) => sum + x * b.data[k], 0) / (frobeniusNorm(a) * frobeniusNorm(b));
}
