/**
 * What share of a Transformer's training step its optimizer takes: ours is the update alone, the peer the
 * whole step with it.
 */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { adamw, hybridAuon, muon, normuon, root, trion } from "../../lib/optimizers/mod.ts";
import { CharacterTransformer } from "../../lib/training/character_transformer.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import type { BenchCase } from "../bench.ts";

const optimizers: Record<string, () => tf.Optimizer> = {
  adamw,
  muon,
  normuon,
  // The published table has no matrix of these shapes.
  root: () => root({ coefficients: "calibrate" }),
  "hybrid-auon": hybridAuon,
  trion: () => trion({ rank: 32 }),
};

export const cases: BenchCase[] = Object.entries(optimizers).map(([name, make]) => ({
  what: `${name} update of a 4-layer d=128 transformer`,
  peer: "its whole step",
  async setup() {
    await useBestBackend({ verbose: false });
    const sizes = { alphabet: 73, length: 128, width: 128, heads: 4, layers: 4 };
    const model = new CharacterTransformer(sizes, { rng: new Rng(1) });
    const optimizer = make();
    const variables = Object.values(model.variables);
    const text = tf.randomUniform([8, 129], 0, 73, "int32", 1) as tf.Tensor2D;
    const gradients = () => tf.variableGrads(() => model.loss(text), variables);
    const { value, grads } = gradients();
    value.dispose();
    // Past the calibration of the first updates.
    for (let step = 0; step < 25; step++) optimizer.applyGradients(grads);
    return {
      ours: () => optimizer.applyGradients(grads),
      peer: () => {
        const { value, grads } = gradients();
        optimizer.applyGradients(grads);
        tf.dispose([value, grads]);
      },
      dispose: () => {
        tf.dispose([grads, text]);
        model.dispose();
        optimizer.dispose();
      },
    };
  },
}));
