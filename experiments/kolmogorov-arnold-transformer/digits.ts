/** Digits by a small classifier, with group rationals and with SiLU. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { GroupRationalNetwork, rationalPreset } from "../../lib/kan/mod.ts";
import { adamwUpdates, MatrixOptimizer } from "../../lib/optimizers/mod.ts";
import { classificationError, softmaxCrossEntropy } from "../../lib/training/mod.ts";
import { NETWORKS } from "./training.ts";
import type { Row } from "./rows.ts";

const TRAINING_IMAGES = 1400;
const BATCH = 64;
const LEARNING_RATE = 2e-3;

interface Images {
  x: Matrix;
  labels: Int32Array;
}

/** Images of the given numbers, pixels in [-1, 1]. */
function pick(order: ArrayLike<number>): Images {
  const all = digits();
  return {
    x: Matrix.from(order.length, 64, (i, j) => 2 * all.images.get(order[i], j) - 1),
    labels: Int32Array.from(order, (k) => all.labels[k]),
  };
}

/** Both networks on one split of the data. */
export function digitsRows({ epochs, seed }: { epochs: number; seed: number }): Row<"digits">[] {
  const rng = new Rng(seed);
  const order = rng.split("split").permutation(1797);
  const training = pick(order.subarray(0, TRAINING_IMAGES));
  const test = pick(order.subarray(TRAINING_IMAGES));
  return NETWORKS.map((network): Row<"digits"> => {
    const net = new GroupRationalNetwork({
      widths: [64, 64, 10],
      activations: network === "GR-KAN"
        ? [rationalPreset("identity"), rationalPreset("swish")]
        : ["identity", "silu"],
      rng: rng.split("start"),
    });
    const optimizer = new MatrixOptimizer(net.parameters, adamwUpdates({ learningRate: LEARNING_RATE }));
    const batches = rng.split("batches");
    for (let epoch = 0; epoch < epochs; epoch++) {
      const shuffled = batches.permutation(TRAINING_IMAGES);
      for (let from = 0; from < TRAINING_IMAGES; from += BATCH) {
        const chosen = shuffled.subarray(from, from + BATCH);
        const x = Matrix.zeros(chosen.length, 64);
        chosen.forEach((k, i) => x.row(i).set(training.x.row(k)));
        const labels = Int32Array.from(chosen, (k) => training.labels[k]);
        optimizer.step(net.gradients(x, (logits) => softmaxCrossEntropy(logits, labels).gradient));
      }
    }
    return {
      kind: "digits",
      network,
      seed,
      parameters: net.parameterCount,
      loss: softmaxCrossEntropy(net.forward(training.x), training.labels).loss,
      accuracy: 1 - classificationError(net.forward(test.x), test.labels),
    };
  });
}
