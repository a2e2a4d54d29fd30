import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { gelu, layerNorm } from "../../lib/tfjs/mod.ts";

/**
 * Compares the gradient on native with central differences of a function in float64, an independent formula
 * in plain numbers.
 */
async function check(
  name: string,
  shape: number[],
  native: (x: tf.Tensor) => tf.Tensor,
  plain: (x: Float64Array) => number,
  seed = 3,
): Promise<void> {
  await tf.setBackend("native");
  const x = Float32Array.from(new Rng(seed).normals(tf.util.sizeFromShape(shape)));
  const slopes = tf.tidy(() => tf.grad((t) => tf.sum(native(t)))(tf.tensor(x, shape)).dataSync());
  const scale = Math.max(1, ...Array.from(slopes, Math.abs));
  x.forEach((_, i) => {
    const at = Float64Array.from(x);
    const step = 1e-5;
    at[i] = x[i] + step;
    const above = plain(at);
    at[i] = x[i] - step;
    const slope = (above - plain(at)) / (2 * step);
    assert(
      Math.abs(slopes[i] - slope) < 3e-6 * scale,
      `${name}: entry ${i}: got ${slopes[i]}, differences give ${slope}`,
    );
  });
}

const total = (f: (x: number) => number) => (x: Float64Array) => x.reduce((sum, value) => sum + f(value), 0);

Deno.test("gradients of functions are those of differences in double precision", async () => {
  const functions: Record<string, [(x: tf.Tensor) => tf.Tensor, (x: number) => number]> = {
    exp: [tf.exp, Math.exp],
    tanh: [tf.tanh, Math.tanh],
    sigmoid: [tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
    square: [tf.square, (x) => x * x],
    softplus: [tf.softplus, (x) => Math.log1p(Math.exp(x))],
    elu: [tf.elu, (x) => x >= 0 ? x : Math.expm1(x)],
    relu: [tf.relu, (x) => Math.max(0, x)],
    "log of 1 + square": [(x) => tf.log(tf.add(tf.square(x), 1)), (x) => Math.log1p(x * x)],
    "root of 1 + square": [(x) => tf.sqrt(tf.add(tf.square(x), 1)), (x) => Math.hypot(x, 1)],
    reciprocal: [(x) => tf.reciprocal(tf.add(tf.abs(x), 1)), (x) => 1 / (Math.abs(x) + 1)],
  };
  for (const [name, [native, plain]] of Object.entries(functions)) {
    await check(name, [7], native, total(plain));
  }
});

/** The normal distribution function, by Simpson's rule on the density. */
function normalCdf(x: number): number {
  const steps = 2000;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-0.5 * (i * h) ** 2);
  }
  return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
}

Deno.test("gradients of gelu and layer normalization are those of differences in double precision", async () => {
  await check("gelu", [9], gelu, total((x) => x * normalCdf(x)));
  const gain = [0.5, -1, 2, 1.5, 0.1];
  await check(
    "layer norm",
    [3, 5],
    (x) => tf.square(layerNorm(x, tf.tensor1d(gain), tf.fill([5], 0.3))),
    (x) => {
      let sum = 0;
      for (let row = 0; row < 15; row += 5) {
        const values = x.subarray(row, row + 5);
        const mean = values.reduce((a, b) => a + b) / 5;
        const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / 5;
        values.forEach((v, i) => sum += (gain[i] * (v - mean) / Math.sqrt(variance + 1e-5) + 0.3) ** 2);
      }
      return sum;
    },
  );
});

Deno.test("gradients of products, softmax and convolutions are those of differences in double precision", async () => {
  const w = new Rng(8).normals(12);
  await check(
    "matMul",
    [2, 3],
    (x) => tf.square(tf.matMul(x as tf.Tensor2D, tf.tensor2d(Array.from(w), [3, 4]))),
    (x) => {
      let sum = 0;
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 4; j++) {
          let dot = 0;
          for (let k = 0; k < 3; k++) dot += x[3 * i + k] * w[4 * k + j];
          sum += dot * dot;
        }
      }
      return sum;
    },
  );
  await check(
    "softmax",
    [2, 4],
    (x) => tf.mul(tf.softmax(x), tf.tensor1d([1, -2, 0.5, 3])),
    (x) => {
      let sum = 0;
      for (let row = 0; row < 8; row += 4) {
        const powers = Array.from(x.subarray(row, row + 4), Math.exp);
        const all = powers.reduce((a, b) => a + b);
        [1, -2, 0.5, 3].forEach((c, i) => sum += c * powers[i] / all);
      }
      return sum;
    },
  );
  for (const depthwise of [false, true]) {
    // One channel: both kinds of convolution are the same.
    await check(
      `conv ${depthwise}`,
      [1, 5, 5, 1],
      (x) => {
        const filter = tf.tensor4d(Array.from(w.subarray(0, 9)), [3, 3, 1, 1]);
        const conv = depthwise ? tf.depthwiseConv2d : tf.conv2d;
        return tf.square(conv(x as tf.Tensor4D, filter, 1, "same"));
      },
      (x) => {
        let sum = 0;
        for (let y = 0; y < 5; y++) {
          for (let z = 0; z < 5; z++) {
            let dot = 0;
            for (let i = -1; i < 2; i++) {
              for (let j = -1; j < 2; j++) {
                if (y + i < 0 || y + i > 4 || z + j < 0 || z + j > 4) continue;
                dot += x[5 * (y + i) + z + j] * w[3 * (i + 1) + j + 1];
              }
            }
            sum += dot * dot;
          }
        }
        return sum;
      },
    );
  }
});

Deno.test("the slope along a random direction through a whole network is that of differences", async () => {
  await tf.setBackend("native");
  const rng = new Rng(4);
  const sizes = [5, 7, 3];
  const batch = 4;
  const x = rng.normals(batch * 5);
  const w1 = rng.normals(35);
  const w2 = rng.normals(21);
  const direction = rng.normals(35);
  const loss = (step: number) => {
    let sum = 0;
    for (let b = 0; b < batch; b++) {
      const hidden = Array.from({ length: sizes[1] }, (_, j) => {
        let dot = 0;
        for (let i = 0; i < 5; i++) dot += x[5 * b + i] * (w1[7 * i + j] + step * direction[7 * i + j]);
        return Math.tanh(dot);
      });
      const logits = [0, 1, 2].map((k) => hidden.reduce((dot, h, j) => dot + h * w2[3 * j + k], 0));
      sum += Math.log(logits.reduce((all, z) => all + Math.exp(z), 0)) - logits[b % 3];
    }
    return sum / batch;
  };
  const slope = tf.tidy(() => {
    const t = (values: Float64Array, shape: [number, number]) =>
      tf.tensor2d(Float32Array.from(values), shape);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 0], "int32"), 3);
    const gradient = tf.grad((w: tf.Tensor) =>
      tf.losses.softmaxCrossEntropy(
        labels,
        tf.matMul(tf.tanh(tf.matMul(t(x, [4, 5]), w as tf.Tensor2D)), t(w2, [7, 3])),
      )
    )(t(w1, [5, 7]));
    return tf.sum(tf.mul(gradient, t(direction, [5, 7]))).dataSync()[0];
  });
  assertAlmostEquals(slope, (loss(1e-5) - loss(-1e-5)) / 2e-5, 2e-6);
});
