/** What is timed: kernels of state space models, linear algebra, a Transformer's step. One thread. */
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { newtonSchulz } from "../../lib/optimizers/mod.ts";
import { S4DKernel, s4dKernel } from "../../lib/ssm/mod.ts";
import { infiniteKernels } from "../../lib/tangent_kernels/mod.ts";
import { FusedAdam } from "../../lib/tfjs/mod.ts";
import { CharacterTransformer } from "../../lib/training/mod.ts";
import { dct, fft } from "../../lib/transforms/mod.ts";
import type { Curve } from "./curve.ts";

/** Curves that share a figure. */
export interface Group {
  /** Name of the figure's file. */
  id: string;
  /** What the figure shows. */
  title: string;
  /** Its setting. */
  subtitle: string;
  /** Titles of the horizontal axes, by the curves' `axis`; a panel each. */
  axes: Readonly<Record<string, string>>;
  curves: readonly Curve[];
}

const FEATURES = 64;

function s4d(dState: number, length: number): () => void {
  const { parameters } = new S4DKernel({ dModel: FEATURES, dState, rng: new Rng(1) });
  return () => void s4dKernel(parameters, length, { dtype: "float32" });
}

let model: CharacterTransformer | undefined;
let text: tf.Tensor2D | undefined;

/** A training step of a batch of 8 with Adam. */
async function transformerStep(width: number, length: number): Promise<() => void> {
  await tf.setBackend("native");
  const network = new CharacterTransformer({ alphabet: 73, length, width, heads: 4, layers: 4 }, {
    rng: new Rng(1),
  });
  const batch = tf.keep(tf.randomUniform([8, length + 1], 0, 73, "int32", 1)) as tf.Tensor2D;
  const optimizer = new FusedAdam();
  const variables = Object.values(network.variables);
  model = network;
  text = batch;
  return () => tf.tidy(() => void optimizer.minimize(() => network.loss(batch), false, variables));
}

function freeTransformer(): void {
  model?.dispose();
  text?.dispose();
}

const square = (n: number, dtype: "float32" | "float64") => new Rng(n).normalMatrix(n, n).astype(dtype);

/** A signal of a length. */
const signal = (n: number) => new Rng(n).normals(n);

/** All groups. */
export const groups: readonly Group[] = [{
  id: "s4d",
  title: "The S4D kernel costs in proportion to its state, and less than in proportion to its length",
  subtitle: `${FEATURES} features, float32; dashed: in proportion`,
  axes: { L: "Length L (N = 64)", N: "State size N (L = 4096)" },
  curves: [{
    name: "S4D kernel in L",
    axis: "L",
    sizes: [256, 512, 1024, 2048, 4096, 8192, 16384],
    power: 1,
    setup: (length) => s4d(64, length),
  }, {
    name: "S4D kernel in N",
    axis: "N",
    sizes: [8, 16, 32, 64, 128, 256, 512],
    power: 1,
    setup: (dState) => s4d(dState, 4096),
  }],
}, {
  id: "matrices",
  title: "Products grow as n³, kernels of n² pairs as n²",
  subtitle: "Square matrices; dashed: the operations' power of n",
  axes: { n: "n" },
  curves: [{
    name: "matmul, float64",
    axis: "n",
    sizes: [32, 64, 128, 256, 512, 1024],
    power: 3,
    setup(n) {
      const [a, b] = [square(n, "float64"), square(n, "float64")];
      const out = Matrix.zeros(n, n);
      return () => void matmul(a, b, { out });
    },
  }, {
    name: "gram, float64",
    axis: "n",
    sizes: [32, 64, 128, 256, 512, 1024],
    power: 3,
    setup(n) {
      const a = square(n, "float64");
      return () => void gram(a);
    },
  }, {
    name: "Newton-Schulz, float32",
    axis: "n",
    sizes: [32, 64, 128, 256, 512],
    power: 3,
    setup(n) {
      const a = square(n, "float32");
      return () => void newtonSchulz(a);
    },
  }, {
    name: "limit kernels, depth 4",
    axis: "n",
    sizes: [32, 64, 128, 256, 512],
    power: 2,
    setup(n) {
      const x = new Rng(n).normalMatrix(n, 8);
      return () => void infiniteKernels(x, { depth: 4 });
    },
  }],
}, {
  id: "transforms",
  title: "Transforms grow hardly faster than their length",
  subtitle: "Signals in float64; dashed: n^1.1, which is n log n at these lengths",
  axes: { n: "Length n" },
  curves: [{
    name: "fft, complex",
    axis: "n",
    sizes: [256, 1024, 4096, 16384, 65536],
    power: 1.1,
    setup(n) {
      const x = signal(2 * n);
      return () => void fft(x);
    },
  }, {
    name: "dct, real",
    axis: "n",
    sizes: [256, 1024, 4096, 16384, 65536],
    power: 1.1,
    setup(n) {
      const x = signal(n);
      return () => void dct(x);
    },
  }],
}, {
  id: "transformer",
  title: "A Transformer's step grows less than the square of its width, and faster than its length",
  subtitle: "4 layers, 4 heads, batch of 8, Adam; dashed: width², length",
  axes: { width: "Width (128 characters)", length: "Length in characters (width 128)" },
  curves: [{
    name: "Transformer step in width",
    axis: "width",
    sizes: [32, 64, 128, 256, 512],
    power: 2,
    setup: (width) => transformerStep(width, 128),
    dispose: freeTransformer,
  }, {
    name: "Transformer step in length",
    axis: "length",
    sizes: [32, 64, 128, 256, 512],
    power: 1,
    setup: (length) => transformerStep(128, length),
    dispose: freeTransformer,
  }],
}];
