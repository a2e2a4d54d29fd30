/**
 * Sums of many numbers. All are equal (0.1 as a float, which no sum of floats of a million of them has to five
 * digits), so that every right value is known.
 */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { type KernelBuild, layerNorm, NativeBackend } from "../../lib/tfjs/mod.ts";

const v = Math.fround(0.1);
const n = 1_000_000;

/** A small tensor out of many numbers, and the right values. */
type Sum = () => [made: tf.Tensor, expected: number | ((i: number) => number)];

const filled = (...shape: number[]) => tf.fill(shape, v);
const four = (x: tf.Tensor) => x as tf.Tensor4D;
/** The gradient of the sum of f times v. */
const slopes = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) =>
  tf.grad((x) => {
    const y = f(x);
    return tf.sum(tf.mul(y, tf.fill(y.shape, v)));
  })(x);
const middle = (x: tf.Tensor, at: number) => tf.slice(x, [0, at, at, 0], [1, 1, 1, 1]);
const entries = (x: tf.Tensor, ...at: number[]) => tf.gather(tf.reshape(x, [-1]), tf.tensor1d(at, "int32"));

const sums: Record<string, Sum> = {
  "sum": () => [tf.sum(filled(4 * n)), 4 * n * v],
  "sum of rows": () => [tf.sum(filled(3, n), 1), n * v],
  "sum of columns": () => [tf.sum(filled(n, 3), 0), n * v],
  "sum of a middle axis": () => [tf.sum(filled(2, n, 2), 1), n * v],
  "sum of outer axes": () => [tf.sum(filled(1000, 3, 1000), [0, 2]), n * v],
  "mean": () => [tf.mean(filled(4 * n)), v],
  "mean of columns": () => [tf.mean(filled(n, 5), 0), v],
  "mean of integers": () => [tf.mean(tf.fill([n, 2], 16777, "int32"), 0), 16777],
  "variance": () => [tf.moments(tf.add(tf.mod(tf.range(0, n), 2), 1000)).variance, 0.25],
  "norm": () => [tf.norm(filled(n)), v * 1000],
  "running sum": () => [entries(tf.cumsum(filled(n)), 9, n - 1), (i) => [10, n][i] * v],
  "running sum along axis 0": () => [tf.slice(tf.cumsum(filled(n, 2), 0), [n - 1, 0], [1, 2]), n * v],
  "running product": () => [
    entries(tf.cumprod(tf.fill([n], 1 + 1e-6)), n - 1),
    Math.fround(1 + 1e-6) ** n,
  ],
  "softmax": () => [entries(tf.softmax(filled(1, n)), 0, n - 1), 1 / n],
  "gradient of softmax": () => {
    // Half of the slopes are 1: y (1 - 1/2) and y (0 - 1/2).
    const dy = tf.reshape(tf.mod(tf.range(0, n), 2), [1, n]);
    const dx = tf.grads((x, dy) => tf.mul(tf.softmax(x), dy))([tf.zeros([1, n]), dy])[0];
    return [entries(dx, 0, 1), (i) => [-0.5, 0.5][i] / n];
  },
  "logSumExp": () => [tf.logSumExp(filled(n)), Math.log(n) + v],
  "bias gradient": () => [slopes((b) => tf.add(tf.zeros([n, 2]), b), tf.zeros([2])), n * v],
  "embedding gradient": () => [
    slopes((e) => tf.gather(e, tf.zeros([n], "int32")), tf.zeros([2, 3])),
    (i) => i < 3 ? n * v : 0,
  ],
  "segments": () => [tf.unsortedSegmentSum(filled(n, 2), tf.zeros([n], "int32"), 1), n * v],
  "sparse segments": () => {
    const zeros = tf.zeros([n], "int32") as tf.Tensor1D;
    const x = filled(1, 2) as tf.Tensor2D;
    const { sparseSegmentSum, sparseSegmentMean } = tf.sparse;
    return [
      tf.concat([sparseSegmentSum(x, zeros, zeros), sparseSegmentMean(x, zeros, zeros)]),
      (i) => i < 2 ? n * v : v,
    ];
  },
  "scatter": () => [tf.scatterND(tf.zeros([n, 1], "int32"), filled(n), [1]), n * v],
  "weighted count": () => [
    tf.bincount(tf.zeros([n], "int32") as tf.Tensor1D, filled(n) as tf.Tensor1D, 1),
    n * v,
  ],
  "sum of many tensors": () => [tf.addN(Array(3000).fill(filled(5))), 3000 * v],
  "gradients of layerNorm": () => {
    const x = tf.reshape(tf.mod(tf.range(0, 2 * n), 2), [n, 2]);
    const [gain, shift] = tf.grads((g, s) => tf.sum(layerNorm(x, g, s)))([tf.ones([2]), tf.ones([2])]);
    const y = 0.5 / Math.sqrt(0.25 + 1e-5);
    return [tf.concat([gain, shift]), (i) => [-n * y, n * y, n, n][i]];
  },
  "layerNorm of a long row": () => {
    const x = tf.reshape(tf.mod(tf.range(0, n), 2), [1, n]);
    const y = 0.5 / Math.sqrt(0.25 + 1e-5);
    return [entries(layerNorm(x, tf.ones([n]), tf.zeros([n])), 0, n - 1), (i) => [-y, y][i]];
  },
  "gradient of batchNorm": () => {
    const gradient = tf.grads((offset, scale) =>
      tf.sum(tf.batchNorm(tf.reshape(filled(n, 2), [n, 1, 1, 2]), tf.zeros([2]), tf.ones([2]), offset, scale))
    );
    const [offset, scale] = gradient([tf.zeros([2]), tf.ones([2])]);
    return [tf.concat([offset, scale]), (i) => i < 2 ? n : n * v / Math.sqrt(1.001)];
  },
  "average pooling": () => [tf.avgPool(four(filled(1, 1000, 1000, 3)), 1000, 1, "valid"), v],
  "gradient of average pooling": () => [
    middle(slopes((x) => tf.avgPool(four(x), 100, 1, "valid"), tf.zeros([1, 199, 199, 1])), 99),
    v,
  ],
  "gradient of max pooling": () => {
    const peak = tf.scatterND(tf.tensor2d([[0, 99, 99, 0]], [1, 4], "int32"), tf.ones([1]), [1, 199, 199, 1]);
    return [middle(slopes((x) => tf.maxPool(four(x), 100, 1, "valid"), peak), 99), 1e4 * v];
  },
  "gradient of average pooling in 3-D": () => {
    const x = tf.zeros([1, 39, 39, 39, 1]);
    const dx = slopes((x) => tf.avgPool3d(x as tf.Tensor5D, 20, 1, "valid"), x);
    return [tf.slice(dx, [0, 19, 19, 19, 0], [1, 1, 1, 1, 1]), v];
  },
  "gradient of an image": () => [
    middle(
      slopes(
        (x) => tf.conv2d(four(x), four(tf.ones([100, 100, 1, 2])), 1, "valid"),
        tf.zeros([1, 199, 199, 1]),
      ),
      99,
    ),
    2e4 * v,
  ],
  "depthwise convolution": () => [
    tf.depthwiseConv2d(four(filled(1, 300, 300, 5)), four(tf.ones([300, 300, 5, 1])), 1, "valid"),
    90000 * v,
  ],
  "gradient of a depthwise filter": () => [
    slopes(
      (w) => tf.depthwiseConv2d(four(tf.ones([4, 500, 501, 3])), four(w), 1, "valid"),
      tf.zeros([1, 2, 3, 1]),
    ),
    n * v,
  ],
  "gradient of an image by a depthwise filter": () => [
    middle(
      slopes(
        (x) => tf.depthwiseConv2d(four(x), four(tf.ones([100, 100, 1, 1])), 1, "valid"),
        tf.zeros([1, 199, 199, 1]),
      ),
      99,
    ),
    1e4 * v,
  ],
  "gradient of a resized image": () => [
    slopes((x) => tf.image.resizeBilinear(four(x), [1000, 1000]), tf.zeros([1, 1, 1, 1])),
    n * v,
  ],
  "einsum of one tensor": () => [tf.einsum("ij->j", filled(n, 2)), n * v],
  "linspace": () => [entries(tf.linspace(0, 1, n), n / 4, n - 1), (i) => [n / 4 / (n - 1), 1][i]],
  "range": () => [entries(tf.range(0, 1e5, 0.1), n / 4, n - 1), (i) => [n / 4, n - 1][i] * 0.1],
};

/** By matrix products, which add a few hundred floats as floats. */
const products: Record<string, Sum> = {
  "convolution with a large filter": () => [
    tf.conv2d(four(filled(1, 300, 300, 2)), four(tf.ones([300, 300, 2, 3])), 1, "valid"),
    180000 * v,
  ],
  "gradient of a filter": () => [
    slopes((w) => tf.conv2d(four(tf.ones([4, 500, 501, 1])), four(w), 1, "valid"), tf.zeros([1, 2, 1, 3])),
    n * v,
  ],
  "matrix product": () => [tf.matMul(filled(3, n), tf.ones([n, 5])), n * v],
  "transposed matrix product": () => [tf.matMul(filled(n, 3), tf.ones([5, n]), true, true), n * v],
  "einsum": () => [tf.einsum("ij,ij->", filled(1000, 1000), tf.ones([1000, 1000])), n * v],
};

/** Relative errors that are allowed. */
const tables: [table: Record<string, Sum>, bound: number][] = [[sums, 1e-6], [products, 3e-6]];

for (const kernels of ["relaxed", "plain"] as KernelBuild[]) {
  Deno.test(`sums of many numbers keep their digits, ${kernels} kernels`, async () => {
    tf.removeBackend("native");
    tf.registerBackend("native", () => new NativeBackend({ kernels }), 1);
    await tf.setBackend("native");
    const wrong: string[] = [];
    const cases = tables.flatMap(([table, bound]) =>
      Object.entries(table).map(([name, sum]) => ({ name, sum, bound }))
    );
    for (const { name, sum, bound } of cases) {
      tf.tidy(() => {
        const [made, expected] = sum();
        made.dataSync().forEach((value, i) => {
          const right = typeof expected === "number" ? expected : expected(i);
          const error = right === 0 ? Math.abs(value) : Math.abs(value / right - 1);
          if (!(error < bound)) {
            wrong.push(`${name}: entry ${i}: ${value} instead of ${right}, off by ${error}`);
          }
        });
      });
    }
    assertEquals(wrong, []);
  });
}

Deno.test("the mean of twenty million ones is one", async () => {
  await tf.setBackend("native");
  for (
    const [shape, axis] of [[[20_000_000], undefined], [[10_000_001, 2], 0], [[2, 10_000_001], 1]] as const
  ) {
    const mean = tf.tidy(() => Array.from(tf.mean(tf.ones([...shape]), axis).dataSync()));
    assertEquals(mean, mean.map(() => 1));
  }
});

Deno.test("a count goes beyond the last odd float", async () => {
  await tf.setBackend("native");
  const count = 2 ** 24 + 2;
  const [counted] = tf.tidy(() =>
    tf.bincount(tf.zeros([count], "int32") as tf.Tensor1D, tf.tensor1d([]), 1).dataSync()
  );
  assertEquals(counted, count);
});

Deno.test("a sum overflows only where its value does", async () => {
  await tf.setBackend("native");
  const big = 3e38;
  const pairs = tf.tile(tf.tensor1d([big, big, -big, -big]), [50]);
  const read = (f: () => tf.Tensor) => Array.from(tf.tidy(f).dataSync());
  assertEquals(read(() => tf.mean(tf.fill([100], big))), [Math.fround(big)]);
  assertEquals(read(() => tf.mean(tf.fill([100, 3], big), 0)), Array(3).fill(Math.fround(big)));
  assertEquals(read(() => tf.mean(tf.fill([2, 3], big), 0)), Array(3).fill(Math.fround(big)));
  assertEquals(read(() => tf.sum(pairs)), [0]);
  assertEquals(read(() => tf.sum(tf.reshape(pairs, [200, 1]), 0)), [0]);
  assertEquals(read(() => tf.sum(tf.reshape(pairs, [4, 50]), 0)).length, 50);
  assertEquals(read(() => tf.avgPool(tf.fill([1, 3, 3, 2], big) as tf.Tensor4D, 3, 1, "valid")), [
    Math.fround(big),
    Math.fround(big),
  ]);
  assertEquals(read(() => tf.sum(tf.fill([100], big))), [Infinity]);
  assertEquals(read(() => tf.sum(tf.tensor1d([big, Infinity, -big]))), [Infinity]);
  assertEquals(read(() => tf.mean(tf.tensor1d([Infinity, -Infinity, 1]))), [NaN]);
});

Deno.test("sums and means of odd widths do not depend on what lies behind a row in memory", async () => {
  await tf.setBackend("native");
  const rng = new Rng(5);
  const sums = new Map<number, string>();
  const junk: tf.Tensor[] = [];
  for (let round = 0; round < 400; round++) {
    const seed = round % 10;
    const text = tf.tidy(() => {
      const x = tf.tensor(Float32Array.from(new Rng(seed).normals(24)), [8, 3]);
      const image = tf.tensor(Float32Array.from(new Rng(seed).normals(48)), [1, 4, 4, 3]) as tf.Tensor4D;
      return [tf.sum(x, 0), tf.mean(x.slice([0, 0], [4, 3]), 0), tf.avgPool(image, 2, 2, "valid")]
        .map((tensor) => tensor.dataSync().join()).join(" | ");
    });
    assertEquals(text, sums.get(seed) ?? text, `round ${round}`);
    sums.set(seed, text);
    // Large numbers, whose memory the next tensors get.
    const large = Float32Array.from(rng.normals(1 + rng.integer(60), 1e20));
    junk.push(tf.tidy(() => tf.tensor(large).mul(3e19)));
    if (junk.length > 20) junk.splice(rng.integer(20), 1)[0].dispose();
  }
  tf.dispose(junk);
});
