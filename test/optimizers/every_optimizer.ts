/** All optimizers for tfjs, one row each, and a small model on which they are tried. */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "refigure/arrays";
import * as optimizers from "refigure/optimizers";
import * as backends from "refigure/tfjs";
import type { StatefulOptimizer } from "refigure/tfjs";

type Options = Record<string, unknown>;

/** What the generic tests need to know of an optimizer. */
export interface Row {
  /** Makes it, with other options than those of the row. */
  make(options?: Options): StatefulOptimizer<unknown>;
  /** Names of all its options. */
  names: readonly string[];
  /** Whether hidden matrices get the method and everything else AdamW. */
  routes: boolean;
  /** Whether the learning rate may be a function. */
  schedules: boolean;
}

const momentum = ["learningRate", "momentum", "nesterov", "weightDecay"];
const routing = ["select", "others"];
const subspace = ["rank", "basis", "norm", "method", "selection", "seed"];
const adam = ["learningRate", "weightDecay", "beta1", "beta2", "eps"];
const adamInSubspace = [...subspace, ...adam, "updateGap", "errorFeedback", "rotate", "biasCorrection"];

const row = (
  // deno-lint-ignore no-explicit-any
  make: (options: any) => StatefulOptimizer<unknown>,
  options: Options,
  names: readonly string[],
): Row => ({
  make: (more = {}) => make({ ...options, ...more }),
  names,
  routes: names.includes("select"),
  schedules: true,
});

/** By the name under which tfjs saves the class. A new optimizer is a new row, and gets all the tests. */
export const OPTIMIZERS: Readonly<Record<string, Row>> = {
  AdamW: row(optimizers.adamw, { learningRate: 0.02, weightDecay: 0.1 }, [...adam, "correctedEps"]),
  MomentumSgd: row(optimizers.sgd, { learningRate: 0.05 }, [...momentum, "form"]),
  NormalizedSgd: row(optimizers.normalizedSgd, { learningRate: 0.05 }, [
    ...momentum,
    ...routing,
    "form",
    "scale",
  ]),
  Muon: row(optimizers.muon, { learningRate: 0.02 }, [...momentum, ...routing, "scale", "coefficients"]),
  NorMuon: row(optimizers.normuon, { learningRate: 0.02 }, [
    ...momentum,
    ...routing,
    "scale",
    "coefficients",
    "beta2",
    "eps",
    "axis",
    "variant",
  ]),
  Root: row(optimizers.root, { learningRate: 0.02, coefficients: "calibrate" }, [
    ...momentum,
    ...routing,
    "scale",
    "coefficients",
    "quantile",
    "clip",
  ]),
  AuON: row(optimizers.auon, { learningRate: 0.1 }, [...momentum, ...routing, "scale", "variant", "gamma"]),
  HybridAuON: row(optimizers.hybridAuon, { learningRate: 0.1 }, [
    ...momentum,
    ...routing,
    "scale",
    "coefficients",
    "variant",
    "gamma",
  ]),
  Trion: row(optimizers.trion, { learningRate: 0.02, rank: 2 }, [
    "learningRate",
    "momentum",
    "weightDecay",
    "scale",
    "coefficients",
    ...subspace,
    ...routing,
  ]),
  Dion: row(optimizers.dion, { learningRate: 0.02, rank: 2 }, [
    "learningRate",
    "momentum",
    "weightDecay",
    "scale",
    "rank",
    "seed",
    ...routing,
  ]),
  // Random columns: the draws must not depend on what a variable is called after it was loaded.
  DctAdamW: row(optimizers.dctAdamw, { learningRate: 0.02, rank: 2, selection: "random", updateGap: 2 }, [
    ...adamInSubspace,
    ...routing,
  ]),
  GaloreAdamW: row(optimizers.galoreAdamw, { learningRate: 0.02, rank: 2, updateGap: 2 }, [
    ...adam,
    ...routing,
    "rank",
    "updateGap",
    "errorFeedback",
    "rotate",
    "scale",
  ]),
  FusedAdam: {
    ...row((options) => new backends.FusedAdam(options), { learningRate: 0.02, weightDecay: 0.1 }, [
      "learningRate",
      "beta1",
      "beta2",
      "epsilon",
      "weightDecay",
    ]),
    schedules: false,
  },
  FusedSgd: {
    ...row((options) => new backends.FusedSgd(options), { learningRate: 0.05, momentum: 0.9 }, [
      "learningRate",
      "momentum",
      "nesterov",
    ]),
    schedules: false,
  },
};

/** Classes that are exported and can be saved, by the names under which tfjs does. */
export function exportedOptimizers(): string[] {
  const classes = Object.values({ ...optimizers, ...backends }).filter((value) =>
    typeof value === "function" &&
    Object.prototype.isPrototypeOf.call(backends.StatefulOptimizer.prototype, value.prototype)
  ) as unknown as { className?: string }[];
  return classes.map(({ className }) => className).filter((name) => name !== undefined);
}

const numbers = (seed: number, shape: number[], scale = 1): tf.Tensor => {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(Float32Array.from(new Rng(seed).normals(size, scale)), shape);
};

/** A model with every kind of kernel; the last layer is a head by its name. Equal weights each time. */
export function smallModel(optimizer: tf.Optimizer): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2] }),
      tf.layers.depthwiseConv2d({ kernelSize: 2 }),
      tf.layers.conv2dTranspose({ filters: 8, kernelSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 8, activation: "tanh" }),
      tf.layers.prelu(),
      tf.layers.dense({ units: 4, name: `head_${heads++}` }),
    ],
  });
  const weights = model.getWeights().map(({ shape }, i) => numbers(i, shape as number[], 0.4));
  model.setWeights(weights);
  tf.dispose(weights);
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}
let heads = 0;

/** Steps on the batches of these numbers. */
export async function train(model: tf.LayersModel, batches: number[]): Promise<void> {
  for (const batch of batches) {
    const x = numbers(100 + batch, [8, 6, 6, 2]);
    const y = numbers(200 + batch, [8, 4]);
    await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
  }
}

/** All weights of a model, as they are now. */
export function weightsOf(model: tf.LayersModel): number[][] {
  return model.getWeights().map((weight) => Array.from(weight.dataSync()));
}

/** What `model.save` writes, optimizer included. */
export async function saved(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler((given) => {
    artifacts = given;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
  });
  await model.save(handler, { includeOptimizer: true });
  return artifacts!;
}
