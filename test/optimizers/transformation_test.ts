import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import {
  adamwUpdates,
  addDecayedWeights,
  auonUpdates,
  chain,
  clipByNorm,
  constantThenLinear,
  type GradientTransformation,
  hybridAuonUpdates,
  MatrixOptimizer,
  momentum,
  muonUpdates,
  normalizeFrobenius,
  normuonUpdates,
  orthogonalize,
  orthogonalizeCalibrated,
  type Parameter,
  preserveNorm,
  restoreState,
  rootUpdates,
  scaleByAdam,
  scaleByCoshRms,
  scaleByLearningRate,
  scaleByShape,
  sgdUpdates,
  shapeFactor,
  stateLeaves,
  suppressOutliers,
  warmupCosine,
} from "refigure/optimizers";

/** One row buys a transformation all the tests below. */
const TRANSFORMATIONS: Record<string, () => GradientTransformation> = {
  "momentum (average, nesterov)": () => momentum(),
  "momentum (sum)": () => momentum({ form: "sum", nesterov: false }),
  adam: () => scaleByAdam(),
  adamw: () => adamwUpdates({ learningRate: 0.1, weightDecay: 0.1 }),
  muon: () => muonUpdates({ weightDecay: 0.1, scale: "matchAdamw" }),
  normuon: () => normuonUpdates({ weightDecay: 0.1 }),
  "normuon (paper, auto axis)": () => normuonUpdates({ variant: "paper", axis: "auto" }),
  "coordinate-wise muon": () => chain(orthogonalize(), preserveNorm(scaleByAdam({ beta1: 0, beta2: 0.95 }))),
  "normalized sgd": () => chain(momentum(), normalizeFrobenius(), scaleByLearningRate(0.1)),
  auon: () => auonUpdates({ weightDecay: 0.1 }),
  "auon (repo)": () => auonUpdates({ variant: "repo" }),
  "hybrid auon": () => hybridAuonUpdates(),
  "cosh rms": () => scaleByCoshRms(),
  root: () =>
    rootUpdates({
      coefficients: Object.fromEntries(["1x1", "1x5", "4x6", "4x7"].map((key) => [key, [3.2, -4, 1.7]])),
    }),
  "root (calibrated, clipped before the momentum)": () =>
    chain(suppressOutliers(), momentum({ form: "sum" }), orthogonalizeCalibrated({ spectra: 4 })),
  sgd: () => sgdUpdates({ weightDecay: 0.1 }),
  clip: () => chain(clipByNorm(1), scaleByLearningRate(constantThenLinear(0.1, 10))),
  decay: () => addDecayedWeights(0.1),
};

const parameterOf = (weights: Matrix, outputs: Parameter["outputs"] = "rows"): Parameter => ({
  name: "w",
  weights,
  outputs,
});

function run(
  link: GradientTransformation,
  state: any,
  parameter: Parameter,
  from: number,
  to: number,
): Matrix[] {
  const rng = new Rng(3);
  const gradients = Array.from(
    { length: to },
    () => rng.normalMatrix(parameter.weights.rows, parameter.weights.columns),
  );
  return gradients.slice(from, to).map((g) => link.update(g.clone(), state, parameter).clone() as Matrix);
}

for (const [name, make] of Object.entries(TRANSFORMATIONS)) {
  Deno.test(`${name}: updates keep shape and precision, and are finite for random, zero and rank-1 gradients`, () => {
    for (const dtype of ["float64", "float32"] as const) {
      for (const [rows, columns] of [[1, 1], [1, 5], [5, 1], [4, 7], [7, 4]]) {
        const weights = new Rng(0).normalMatrix(rows, columns).astype(dtype);
        const parameter = parameterOf(weights as unknown as Matrix);
        const link = make();
        const state = link.init(parameter);
        const gradients = [
          new Rng(1).normalMatrix(rows, columns),
          Matrix.zeros(rows, columns),
          Matrix.from(rows, columns, (i, j) => (i + 1) * (j - 2)),
        ];
        for (const gradient of gradients) {
          const update = link.update(gradient.astype(dtype), state, parameter);
          assertEquals([update.rows, update.columns, update.dtype], [rows, columns, dtype]);
          for (const x of update.data) if (!Number.isFinite(x)) throw new Error(`${x} in an update`);
        }
      }
    }
  });

  Deno.test(`${name}: stopping, saving and restoring gives the same updates as going on`, () => {
    const parameter = parameterOf(new Rng(0).normalMatrix(4, 6));
    const link = make();
    const straight = link.init(parameter);
    const all = run(link, straight, parameter, 0, 6);
    const first = link.init(parameter);
    run(link, first, parameter, 0, 3);
    const saved = new Map(
      stateLeaves(first).map((
        { path, value },
      ) => [path, typeof value === "number" ? [value] : Array.from(value)]),
    );
    const other = make();
    const resumed = other.init(parameter);
    restoreState(resumed, saved);
    assertEquals(run(other, resumed, parameter, 3, 6), all.slice(3));
  });
}

Deno.test("adamw agrees with PyTorch's formula written out", () => {
  const [lr, b1, b2, eps, wd] = [0.01, 0.9, 0.95, 1e-8, 0.1];
  const w = Matrix.fromRows([[1, -2]]);
  const optimizer = new MatrixOptimizer(
    [parameterOf(w)],
    adamwUpdates({ learningRate: lr, beta1: b1, beta2: b2, eps, weightDecay: wd }),
  );
  const expected = [1, -2];
  const m = [0, 0];
  const v = [0, 0];
  const rng = new Rng(4);
  for (let t = 1; t <= 20; t++) {
    const g = rng.normals(2);
    optimizer.step([new Matrix(1, 2, g)]);
    for (let i = 0; i < 2; i++) {
      expected[i] *= 1 - lr * wd;
      m[i] = b1 * m[i] + (1 - b1) * g[i];
      v[i] = b2 * v[i] + (1 - b2) * g[i] ** 2;
      expected[i] -= lr * (m[i] / (1 - b1 ** t)) / (Math.sqrt(v[i] / (1 - b2 ** t)) + eps);
    }
  }
  for (let i = 0; i < 2; i++) assertAlmostEquals(w.data[i], expected[i], 1e-13);
});

Deno.test("adam in single precision rounds every moment, four entries at a time and the rest", () => {
  for (const eps of [1e-8, 0]) {
    const adam = scaleByAdam({ eps });
    const parameter = { name: "w", weights: Matrix.zeros(1, 11).astype("float32"), outputs: "rows" as const };
    const state = adam.init(parameter);
    const [m, v] = [new Float32Array(11), new Float32Array(11)];
    for (let step = 1; step <= 5; step++) {
      const g = new Rng(step).normals(11).map((value, i) => i === 5 || i === 9 ? 0 : value * 10 ** (i - 5));
      const update = adam.update(new Matrix(1, 11, Float32Array.from(g)), state, parameter).data;
      Float32Array.from(g).forEach((value, i) => {
        m[i] = 0.9 * m[i] + (1 - 0.9) * value;
        v[i] = 0.999 * v[i] + (1 - 0.999) * value * value;
        const root = Math.sqrt(v[i] * (1 / (1 - 0.999 ** step))) + eps;
        const expected = root === 0 ? 0 : Math.fround(m[i] * (1 / (1 - 0.9 ** step)) / root);
        assertEquals(update[i], expected, `entry ${i}, step ${step}`);
      });
    }
    const huge = new Matrix(1, 11, new Float32Array(11).fill(1).fill(1e30, 2, 3));
    assertThrows(() => adam.update(huge, state, parameter), RangeError, "entry 2");
  }
});

Deno.test("averaged and summed momentum differ by 1 - decay", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.boolean(), (decay, nesterov) => {
    const parameter = parameterOf(Matrix.zeros(2, 3));
    const average = momentum({ decay, nesterov });
    const sum = momentum({ decay, nesterov, form: "sum" });
    const a = run(average, average.init(parameter), parameter, 0, 5);
    const s = run(sum, sum.init(parameter), parameter, 0, 5);
    a.forEach((u, t) =>
      u.data.forEach((x, i) => assertLess(Math.abs(x - (1 - decay) * s[t].data[i]), 1e-12))
    );
  }));
});

Deno.test("shape factors", () => {
  assertEquals(shapeFactor("muon", { outputs: 256, inputs: 64 }), 2);
  assertEquals(shapeFactor("matchAdamw", { outputs: 100, inputs: 64 }), 2);
  const tall = parameterOf(Matrix.zeros(64, 16), "rows");
  const stored = parameterOf(Matrix.zeros(16, 64), "columns");
  const link = scaleByShape("muon");
  assertEquals(link.update(Matrix.from(64, 16, () => 1), {}, tall).get(0, 0), 2);
  assertEquals(link.update(Matrix.from(16, 64, () => 1), {}, stored).get(0, 0), 2);
});

Deno.test("schedules reach their ends", () => {
  const rate = warmupCosine(1, 100, { warmup: 10, floor: 0.1 });
  assertAlmostEquals(rate(100), 0.1, 1e-15);
  assertAlmostEquals(rate(9), 1, 1e-15);
  assertEquals(constantThenLinear(1, 10)(10), 0);
});

Deno.test("bad options and gradients are refused by name", () => {
  assertThrows(
    () => momentum({ decay: 1 }),
    RangeError,
    "`decay` must be a finite number >= 0 and < 1, got 1",
  );
  assertThrows(() => scaleByAdam({ beta2: -0.1 }), RangeError, "`beta2`");
  assertThrows(
    () => scaleByLearningRate(-1),
    RangeError,
    "`learningRate` must be a finite number >= 0, got -1",
  );
  assertThrows(
    () => scaleByShape("nope" as "muon"),
    TypeError,
    '`scale` must be "muon", "matchAdamw", "spectral" or "none", got "nope"',
  );
  assertThrows(() => addDecayedWeights(NaN), RangeError, "`weightDecay`");
  const optimizer = new MatrixOptimizer([parameterOf(Matrix.zeros(1, 2))], scaleByLearningRate(1));
  optimizer.step([Matrix.zeros(1, 2)]);
  assertThrows(
    () => optimizer.step([Matrix.fromRows([[0, Infinity]])]),
    RangeError,
    "The gradient of w is not finite at step 1: entry 1 is Infinity",
  );
  assertThrows(
    () => optimizer.step([Matrix.zeros(2, 1)]),
    RangeError,
    "`gradient of w` must be 1 x 2, got 2 x 1",
  );
});
