/**
 * Numbers near the ends of their range: the right result, or an error that names it; never NaN or a quiet
 * zero.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  adamwUpdates,
  clipByNorm,
  coshRms,
  coshRmsBounds,
  dctAdamwUpdates,
  directionCoshRms,
  galoreAdamwUpdates,
  type GradientTransformation,
  invariantBound,
  largestIndices,
  MatrixOptimizer,
  newtonSchulz,
  normalizeFrobenius,
  optimalQuintic,
  polarExpressCoefficients,
  root,
  scaleByAdam,
  scaleByCoshRms,
  softThreshold,
} from "refigure/optimizers";
import { FusedAdam } from "refigure/tfjs";

const ADAMS: Record<string, (eps: number) => GradientTransformation> = {
  scaleByAdam: (eps) => scaleByAdam({ eps }),
  "scaleByAdam, eps before the correction": (eps) => scaleByAdam({ eps, correctedEps: false }),
  adamwUpdates: (eps) => adamwUpdates({ eps, learningRate: 1 }),
  dctAdamwUpdates: (eps) => dctAdamwUpdates({ eps, rank: 2, learningRate: 1 }),
  galoreAdamwUpdates: (eps) => galoreAdamwUpdates({ eps, rank: 2, learningRate: 1 }),
};

for (const [name, make] of Object.entries(ADAMS)) {
  for (const dtype of ["float64", "float32"] as const) {
    const optimizerOf = (eps: number) => {
      const weights = Matrix.zeros(2, 3).astype(dtype);
      return {
        weights,
        optimizer: new MatrixOptimizer([{ name: "w", weights, outputs: "rows" }], make(eps)),
      };
    };

    Deno.test(`${name} in ${dtype}: with eps 0 a zero gradient moves nothing, now or later`, () => {
      const { weights, optimizer } = optimizerOf(0);
      const zero = Matrix.zeros(2, 3).astype(dtype);
      optimizer.step([zero]);
      assertEquals([...weights.data].map(Math.abs), [0, 0, 0, 0, 0, 0]);
      optimizer.step([new Rng(1).normalMatrix(2, 3).astype(dtype)]);
      optimizer.step([zero]);
      assert(weights.data.every(Number.isFinite));
    });

    Deno.test(`${name} in ${dtype}: squares that do not fit are refused, and change nothing`, () => {
      const { weights, optimizer } = optimizerOf(1e-8);
      const huge = Matrix.from(2, 3, () => dtype === "float32" ? 1e25 : 1e170).astype(dtype);
      assertThrows(
        () => optimizer.step([huge]),
        RangeError,
        "Cannot step w: the mean square of its gradient's entry",
      );
      assert(weights.data.every((x) => x === 0));
      const tiny = Matrix.from(2, 3, () => dtype === "float32" ? 1e-30 : 1e-200).astype(dtype);
      assertThrows(() => optimizerOf(0).optimizer.step([tiny]), RangeError, "give a positive `eps`");
      // With eps the root of a vanished square is as good as zero.
      optimizer.step([tiny]);
      assert(weights.data.every((x) => Math.abs(x) < 1e-20));
    });
  }
}

Deno.test("tfjs: eps 0 in the AdamW of the others, and the smallest epsilon of FusedAdam", async () => {
  await tf.setBackend("cpu");
  const bias = tf.variable(tf.ones([3]), true, "extremes/bias");
  const kernel = tf.variable(tf.ones([3, 3]), true, "extremes/kernel");
  const zeros = [bias, kernel].map(({ name, shape }) => ({ name, tensor: tf.zeros(shape) }));
  root({ others: { eps: 0 }, weightDecay: 0, coefficients: "calibrate" }).applyGradients(zeros);
  new FusedAdam({ epsilon: 1.2e-38 }).applyGradients(zeros);
  for (const variable of [bias, kernel]) assert(variable.dataSync().every((x) => x === 1));
  tf.dispose([bias, kernel]);
});

Deno.test("coshRmsBounds: right up to the largest number, refused beyond", () => {
  // sinh(700)^2 overflows, its root over sqrt(n) does not; logarithms tell the value.
  for (const [n, gamma] of [[10, 360], [10, 700], [1e6, 716], [1, 710]]) {
    const { lower, upper, lowerMinus1, upperMinus1 } = coshRmsBounds(n, gamma);
    assertAlmostEquals(Math.log(upper), gamma - Math.LN2 - Math.log(n) / 2, 1e-12);
    assertAlmostEquals(upperMinus1 / upper, 1, 1e-15);
    assertAlmostEquals(lower, Math.cosh(gamma / Math.sqrt(n)), 1e-13 * lower);
    assertAlmostEquals(lowerMinus1 / lower, (lower - 1) / lower, 1e-13);
  }
  for (const [n, gamma] of [[10, 800], [1, 711], [1e6, 718], [3, 1e300]]) {
    assertThrows(
      () => coshRmsBounds(n, gamma),
      RangeError,
      `The upper bound for \`gamma\` ${gamma} and \`n\` ${n}`,
    );
  }
  // Tiny gammas keep what exceeds 1.
  const { lowerMinus1, upperMinus1 } = coshRmsBounds(4, 1e-100);
  assertEquals([lowerMinus1, upperMinus1], [1e-200 / 4 / 2, 1e-200 / 4 / 2]);
});

Deno.test("coshRms and directionCoshRms where sinh^2 overflows", () => {
  const x = Float64Array.of(1, 700, -699);
  const byHand = Math.exp(700) / 2 * Math.sqrt((1 + Math.exp(-2)) / 3);
  for (const method of ["exact", "series", "auto"] as const) {
    assertAlmostEquals(coshRms(x, { method }).rms / byHand, 1, 1e-12);
  }
  const many = new Float64Array(5000);
  many[17] = 500;
  assertAlmostEquals(Math.log(coshRms(many).rms), 500 - Math.LN2 - Math.log(5000) / 2, 1e-12);
  // A single entry is its own direction.
  for (const size of [1e-300, 1, 1e300]) {
    const { norm, rms } = directionCoshRms(Float64Array.of(0, -size), { gamma: 600, eps: 0 });
    assertEquals(norm, size);
    assertAlmostEquals(Math.log(rms), 600 - Math.LN2 - Math.LN2 / 2, 1e-12);
  }
  assertThrows(() => coshRms(Float64Array.of(800)), RangeError, "with an entry of 800");
  assertThrows(
    () => directionCoshRms(Float64Array.of(5), { gamma: 800, eps: 0 }),
    RangeError,
    "beyond the largest",
  );
});

Deno.test("scaleByCoshRms with a large gamma, small and large matrices", () => {
  for (const n of [10, 300]) {
    const u = new Rng(2).normalMatrix(n, n);
    const w = { name: "w", weights: Matrix.zeros(n, n), outputs: "rows" as const };
    const link = scaleByCoshRms({ gamma: 400, eps: 0 });
    const { rms } = directionCoshRms(u.data, { gamma: 400, eps: 0 });
    const scaled = link.update(u.clone(), {}, w);
    assertAlmostEquals(scaled.get(0, 0) * rms / u.get(0, 0), 1, 1e-6);
  }
  const single = Matrix.from(250, 250, (i, j) => i + j === 0 ? 1 : 0);
  const w = { name: "w", weights: Matrix.zeros(250, 250), outputs: "rows" as const };
  assertThrows(
    () => scaleByCoshRms({ gamma: 800, eps: 0 }).update(single, {}, w),
    RangeError,
    "beyond the largest",
  );
});

Deno.test("norms of very large and very small updates", () => {
  const w = { name: "w", weights: Matrix.zeros(1, 2), outputs: "rows" as const };
  for (const size of [1e-290, 1e-170, 1, 1e170, 1e290]) {
    const update = () => Matrix.fromRows([[3 * size, 4 * size]]);
    const unit = normalizeFrobenius({ eps: 0 }).update(update(), {}, w);
    assertAlmostEquals(unit.get(0, 0), 0.6, 1e-14);
    const clipped = clipByNorm(size).update(update(), {}, w);
    assertAlmostEquals(clipped.get(0, 1) / size, 0.8, 1e-14);
    const polar = newtonSchulz(Matrix.diagonal([3 * size, 4 * size]), {
      coefficients: polarExpressCoefficients(),
      eps: 0,
    });
    assertAlmostEquals(polar.get(0, 0), 1, 1e-6);
  }
});

Deno.test("quintics for any interval of the range that is allowed", () => {
  for (const upper of [1e-40, 1e-20, 1, 1e20, 1e40]) {
    const { quintic, error } = optimalQuintic(0.1 * upper, upper);
    const { quintic: unit, error: same } = optimalQuintic(0.1, 1);
    assertAlmostEquals(error, same, 1e-12);
    quintic.forEach((c, k) => assertAlmostEquals(c * upper ** (2 * k + 1) / unit[k], 1, 1e-9));
  }
  assertThrows(() => optimalQuintic(1e40, 1e41), RangeError, "`upper`");
  assertThrows(() => optimalQuintic(1e-42, 1e-41), RangeError, "`upper`");
  assertThrows(() => invariantBound([NaN, 0, 0]), RangeError, "`quintic`");
});

Deno.test("NaN is not taken for a small number", () => {
  assert(Number.isNaN(softThreshold(Float64Array.of(NaN), 1)[0]));
  assertThrows(() => largestIndices([1, NaN], 1), RangeError, "`scores[1]` must be a number, got NaN");
});
