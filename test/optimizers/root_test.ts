// Criteria of ROOT's notes that are tests of the library: the reference values, the bad input, and the
// step against NumPy.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { Matrix, Rng } from "refigure/arrays";
import {
  adamwUpdates,
  adaptiveCoefficients,
  fitNewtonSchulz,
  marchenkoPasturNodes,
  MatrixOptimizer,
  muonUpdates,
  newtonSchulz,
  type Parameter,
  Root,
  root,
  type RootOptions,
  rootUpdates,
  softThreshold,
  spectrumOf,
  splitOutliers,
  suppressOutliers,
} from "refigure/optimizers";
import { quantileAbs } from "refigure/statistics";
import { warningsOf } from "./warnings_of.ts";
import numpy from "../fixtures/optimizers/root.json" with { type: "json" };

/** The test matrix of the reference values, entries ((7 i + 3 j + i j) mod 11) - 5. */
const K = (m: number, n: number) => Matrix.from(m, n, (i, j) => ((7 * i + 3 * j + i * j) % 11) - 5);
const X = Matrix.fromRows([[1, -2, 0.5], [10, -0.1, 3]]);
const parameterOf = (weights: Matrix, name = "w"): Parameter => ({ name, weights, outputs: "rows" });

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) assertAlmostEquals(actual[i], expected[i], tolerance);
}

Deno.test("quantiles (oracle)", () => {
  assertAlmostEquals(quantileAbs(Float64Array.from({ length: 10 }, (_, i) => i + 1), 0.9), 9.1, 1e-12);
  assertEquals(quantileAbs(K(8, 5).data, 0.9), 5);
  assertEquals(quantileAbs(K(8, 5).data, 0.8), 4);
});

Deno.test("split of a 2 x 3 matrix, and Muon's iteration on its base (oracle)", () => {
  const { base, outliers, threshold } = splitOutliers(X, { quantile: 0.5, eps: 0 });
  assertEquals(threshold, 1.5);
  assertEquals(base.toRows(), [[1, -1.5, 0.5], [1.5, -0.1, 1.5]]);
  assertEquals(outliers.toRows(), [[0, -0.5, 0], [8.5, 0, 1.5]]);
  // The notes have eps 1e-7; the digits are those of eps 0 (NumPy gives 0.18551802 for 1e-7).
  assertClose(newtonSchulz(base, { eps: 0 }).data, [
    0.185518008,
    -0.948157265,
    -0.140920154,
    0.471062318,
    0.415182681,
    0.626848423,
  ], 1e-9);
});

Deno.test("base and outliers: they sum to the matrix, one is bounded, they agree in sign; T is odd and 1-Lipschitz", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (seed, m, n, quantile) => {
        const rng = new Rng(seed);
        const matrix = rng.normalMatrix(m, n).map((x) => x ** 3);
        const { base, outliers, threshold } = splitOutliers(matrix, { quantile });
        matrix.data.forEach((x, i) => {
          const b = base.data[i];
          const o = outliers.data[i];
          assertAlmostEquals(b + o, x, 1e-14 * Math.abs(x));
          assert(Math.abs(b) <= threshold);
          assert(o * b >= 0);
          assertEquals(b, Math.min(threshold, Math.max(-threshold, x)));
        });
        const share = outliers.data.filter((o) => o !== 0).length / (m * n);
        assert(share <= 1 - quantile + 1 / (m * n) && share >= 1 - quantile - 2 / (m * n));
        const other = matrix.plus(rng.normalMatrix(m, n));
        const t = softThreshold(matrix.data, 0.7);
        const s = softThreshold(other.data, 0.7);
        const negative = softThreshold(matrix.data.map((x) => -x), 0.7);
        t.forEach((x, i) => {
          assert(Math.abs(x - s[i]) <= Math.abs(matrix.data[i] - other.data[i]) + 1e-15);
          assertEquals(negative[i] + x, 0);
        });
        const link = suppressOutliers({ quantile });
        const update = link.update(matrix.clone(), {}, parameterOf(matrix));
        assertEquals(update.data, base.data);
      },
    ),
    { numRuns: 60 },
  );
  const { outliers } = splitOutliers(new Rng(0).normalMatrix(100, 100));
  assertAlmostEquals(outliers.data.filter((o) => o !== 0).length / 1e4, 0.1, 1e-3);
  const inPlace = Float64Array.of(3, -3, 0.1);
  assertEquals(softThreshold(inPlace, 1, { out: inPlace }), Float64Array.of(2, -2, 0));
});

Deno.test("equal entries are kept, zero stays zero, and quantile 1 clips nothing", () => {
  const flat = Matrix.fromRows([[2, -2], [-2, 2]]);
  const split = splitOutliers(flat);
  assertEquals(split.base.toRows(), flat.toRows());
  assertAlmostEquals(split.threshold, 2 + 1e-9, 1e-15);
  const zero = Matrix.zeros(3, 4);
  const link = rootUpdates({ weightDecay: 0, coefficients: { "3x4": [3, -4, 2] } });
  for (const x of link.update(zero.clone(), link.init(parameterOf(zero)), parameterOf(zero)).data) {
    assertEquals(Math.abs(x), 0);
  }
  assertEquals(splitOutliers(X, { quantile: 1 }).base.toRows(), X.toRows());
});

Deno.test("criterion 6: one huge entry; the polar factor splits off it, Newton-Schulz loses the rest", () => {
  const rng = new Rng(4);
  const a = rng.normalMatrix(6, 9);
  const [i, j] = [2, 5];
  const norm = Math.hypot(...a.data);
  for (const [size, tolerance] of [[1e3, 6e-3], [1e4, 9e-5]]) {
    const huge = a.clone();
    const entry = size * norm;
    huge.set(i, j, entry);
    const o = newtonSchulz(huge);
    // To first order in 1 / K: the corner's singular value is nearly the Frobenius norm.
    assertAlmostEquals(o.get(i, j), 0.69643641, 1e-5);
    let rest = 0;
    let without = 0;
    o.data.forEach((x, k) => {
      const row = Math.floor(k / 9);
      const column = k % 9;
      if (row !== i && column !== j) {
        rest += x * x;
        without += a.data[k] ** 2;
      }
    });
    const predicted = 484.8763 * Math.sqrt(without) / entry;
    assertLess(Math.abs(Math.sqrt(rest) / predicted - 1), 2 * tolerance);
  }
});

Deno.test("ROOT's steps are NumPy's (fixture)", () => {
  for (const { rows, columns, weights } of numpy.root) {
    const w = Matrix.from(rows, columns, (i, j) => Math.cos(i * columns + j));
    const warnings = warningsOf(() => {
      const optimizer = new MatrixOptimizer(
        [parameterOf(w)],
        rootUpdates({ learningRate: numpy.lr, coefficients: { "3x4": [3.2, -4.0, 1.7] } }),
      );
      weights.forEach((expected, t) => {
        optimizer.step([gradientOf(rows, columns, t)]);
        assertClose(w.data, expected, 1e-12);
      });
    });
    assertEquals(warnings.length, Math.min(rows, columns) === 3 ? 0 : 1);
  }
});

function gradientOf(rows: number, columns: number, t: number): Matrix {
  const g = Matrix.from(rows, columns, (i, j) => Math.sin(1 + 1.3 * i + 0.7 * j * (i + 1) + 0.9 * t));
  const [i, j] = [t % rows, 2 * t % columns];
  g.set(i, j, g.get(i, j) + 50 * (-1) ** t);
  return g;
}

Deno.test("AdamW with uncorrected epsilon is NumPy's (fixture)", () => {
  const { n, eps, weights } = numpy.adamw;
  const w = Matrix.from(1, n, (_, j) => Math.cos(j));
  const adamw = adamwUpdates({
    learningRate: numpy.lr,
    weightDecay: 0.1,
    beta2: 0.95,
    eps,
    correctedEps: false,
  });
  const optimizer = new MatrixOptimizer([parameterOf(w)], adamw);
  weights.forEach((expected, t) => {
    optimizer.step([gradientOf(1, n, t).times(1e-3)]);
    assertClose(w.data, expected, 1e-14);
  });
});

Deno.test("without clipping and with the fallback triple, ROOT is Muon; quantile 1 is no clipping", () => {
  const rng = new Rng(5);
  const gradients = Array.from({ length: 5 }, () => rng.normalMatrix(4, 6));
  const weightsAfter = (make: () => ReturnType<typeof rootUpdates>) => {
    const w = new Rng(6).normalMatrix(4, 6);
    const optimizer = new MatrixOptimizer([parameterOf(w)], make());
    for (const g of gradients) optimizer.step([g]);
    return w.data;
  };
  const options = { learningRate: 0.01, weightDecay: 0.1 };
  warningsOf(() => {
    const none = weightsAfter(() => rootUpdates({ ...options, clip: "none" }));
    const muon = weightsAfter(() => muonUpdates({ ...options, learningRate: 0.01, scale: "matchAdamw" }));
    // Summed and averaged momentum differ by eps alone.
    assertClose(none, muon, 1e-6);
    assertClose(weightsAfter(() => rootUpdates({ ...options, quantile: 1 })), none, 1e-12);
  });
});

Deno.test("Root in tfjs: saved and restored with its configuration; biases get AdamW with the same rate and decay", async () => {
  await tf.setBackend("cpu");
  const kernels = ["straight/kernel", "resumed/kernel"].map((name) =>
    tf.variable(tf.tensor2d(Array.from(new Rng(9).normals(24)), [4, 6]), true, name)
  );
  const train = (w: tf.Variable, optimizer: Root, from: number, to: number) => {
    for (let t = from; t < to; t++) {
      optimizer.applyGradients({ [w.name]: tf.tensor2d(Array.from(new Rng(t).normals(24)), [4, 6]) });
    }
  };
  const options: RootOptions = {
    learningRate: 0.01,
    clip: "gradient",
    coefficients: { "4x6": [3.2, -4, 1.7] },
  };
  train(kernels[0], root(options), 0, 6);
  const before = root(options);
  train(kernels[1], before, 0, 3);
  assertEquals(before.getConfig() as unknown, options);
  const resumed = Root.fromConfig<Root>(Root, before.getConfig());
  await resumed.setWeights(await before.getWeights());
  train(kernels[1], resumed, 3, 6);
  assertEquals(kernels[1].dataSync(), kernels[0].dataSync());

  const bias = tf.variable(tf.tensor1d([1, -2]), true, "root/bias");
  root({ learningRate: 0.1, weightDecay: 0.5 }).applyGradients({ "root/bias": tf.tensor1d([3, -4]) });
  // The first step of Adam is the sign of the gradient, beside the decay of 0.1 * 0.5.
  assertClose(bias.dataSync(), [0.95 - 0.1, -1.9 + 0.1], 1e-6);
  tf.disposeVariables();
});

Deno.test("bad input is named", () => {
  const w = parameterOf(Matrix.zeros(1, 2), "dense/kernel");
  assertThrows(
    () => suppressOutliers().update(Matrix.fromRows([[1, NaN]]), {}, w),
    RangeError,
    "Cannot suppress the outliers of dense/kernel: entry 1 is NaN",
  );
  const optimizer = new MatrixOptimizer([w], rootUpdates());
  assertThrows(
    () => optimizer.step([Matrix.fromRows([[Infinity, 0]])]),
    RangeError,
    "The gradient of dense/kernel is not finite at step 0",
  );
  for (const quantile of [0, -1, 1.5, NaN]) {
    assertThrows(() => suppressOutliers({ quantile }), RangeError, "`quantile`");
    assertThrows(() => rootUpdates({ quantile }), RangeError, "`quantile`");
  }
  assertThrows(() => softThreshold(Float64Array.of(1), -1), RangeError, "`threshold`");
  assertThrows(() => fitNewtonSchulz([]), RangeError, "`spectra.length`");
  assertThrows(
    () => fitNewtonSchulz([marchenkoPasturNodes(4, 4, { count: 10 })], { starts: [[1e80, 0, 0]] }),
    RangeError,
    "diverged from every start",
  );
  assertThrows(() => spectrumOf(Matrix.zeros(2, 2)), RangeError, "its Frobenius norm is 0");
  assertThrows(() => rootUpdates({ clip: "weights" as "none" }), TypeError, "`clip`");
  assertThrows(() => adaptiveCoefficients(2, 4, { table: { "4x2": [1, 0, 0] } }), RangeError, '"4x2"');
  assertThrows(() => adaptiveCoefficients(2, 4, { table: { "2x4": [NaN, 0, 0] } }), RangeError, "2x4");
  assertThrows(() => rootUpdates({ learningRate: -1 }), RangeError, "`learningRate`");
  assertThrows(() => rootUpdates({ momentum: 1 }), RangeError, "`momentum`");
  assertThrows(() => marchenkoPasturNodes(0, 4), RangeError, "`rows`");
});
