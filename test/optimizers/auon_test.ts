// Criteria 1, 2, 3 and 7 of experiments/auon/README.md, which are also claims of the experiment, and the reference
// values of its section 8.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { Matrix, type RealArray, Rng } from "refigure/arrays";
import { conditionNumber, frobeniusNorm, singularValues, spectralNorm } from "refigure/linalg";
import {
  adamw,
  AuON,
  auon,
  type AuonOptions,
  auonUpdates,
  coshRms,
  coshRmsBounds,
  directionCoshRms,
  type GradientTransformation,
  HybridAuON,
  hybridAuon,
  type HybridAuonOptions,
  hybridAuonUpdates,
  MatrixOptimizer,
  muonUpdates,
  NEWTON_SCHULZ,
  newtonSchulz,
  normalizedSgd,
  normalizedSgdUpdates,
  restoreState,
  scaleByCoshRms,
  sgd,
  sgdUpdates,
  stateLeaves,
} from "refigure/optimizers";

const TWO_BY_THREE = Matrix.fromRows([[1, 2, 3], [4, 5, 6]]);
/** The matrix of section 6.1 of the notes. */
const A = Matrix.fromRows([[2, 1, 0, -3], [-1, 2, 1, 0], [1, 0, -2, 1], [0, 1, 1, 2]]);

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assertAlmostEquals(actual[i], expected[i], tolerance, `entry ${i}`);
  }
}

/** What a chain subtracts from a matrix at rate 1: its direction, without momentum. */
function direction(make: (options: AuonOptions) => GradientTransformation, g: Matrix, options = {}): Matrix {
  const parameter = { name: "w", weights: Matrix.zeros(g.rows, g.columns), outputs: "rows" as const };
  const link = make({ learningRate: 1, momentum: 0, scale: "none", ...options });
  return link.update(g.clone(), link.init(parameter), parameter).times(-1) as Matrix;
}
const auonDirection = (g: Matrix, options: AuonOptions = {}) => direction(auonUpdates, g, options);
const hybridDirection = (g: Matrix, options: HybridAuonOptions = {}) =>
  direction(hybridAuonUpdates, g, options);

const oneHot = (n: number) => Float64Array.from({ length: n }, (_, i) => i === n >> 1 ? 1 : 0);
const flat = (n: number) => new Float64Array(n).fill(1 / Math.sqrt(n));

Deno.test("R of one-hot and flat vectors, and the bounds (oracles)", () => {
  assertAlmostEquals(coshRms(oneHot(16)).rms, 1.0422660962280044, 1e-15);
  assertAlmostEquals(coshRms(flat(16)).rms, 1.0314130998795732, 1e-15);
  const table: [n: number, gamma: number, lower: number, upper: number, digits: number][] = [
    [6, 1, 8.4497189954e-2, 1.0913613874e-1, 1e-11],
    [4096, 1, 1.2207279605e-4, 1.6857683652e-4, 1e-14],
    [4096, 1.5, 2.7467077621e-4, 5.5329310011e-4, 1e-14],
    [65536, 1, 7.6294042326e-6, 1.0536884837e-5, 1e-15],
    [512 ** 2, 1, 1.907e-6, 2.634e-6, 1e-9],
  ];
  for (const [n, gamma, lower, upper, digits] of table) {
    const bounds = coshRmsBounds(n, gamma);
    assertAlmostEquals(bounds.lowerMinus1, lower, digits);
    assertAlmostEquals(bounds.upperMinus1, upper, digits);
    assertAlmostEquals(bounds.lower - 1, lower, 1e-9);
    assertAlmostEquals(bounds.upper - 1, upper, 1e-9);
  }
});

Deno.test("small entries, whose sinh is a series, agree with the function", () => {
  for (let x = 1e-6; x < 1; x *= 1.1) {
    assertAlmostEquals(coshRms(Float64Array.of(x)).rms / Math.cosh(x), 1, 5e-16);
    assertAlmostEquals(coshRms(Float64Array.of(x)).rmsMinus1 / (2 * Math.sinh(x / 2) ** 2), 1, 1e-14);
  }
});

Deno.test("auon, criterion 1: the bounds hold for random matrices of all shapes and tails, and are attained (theorem)", () => {
  const gammas = fc.double({ min: 0.05, max: 5, noNaN: true });
  const size = fc.integer({ min: 1, max: 24 });
  const tails = fc.constantFrom(0, 1, 2);
  fc.assert(
    fc.property(size, size, fc.integer(), gammas, tails, (m, n, seed, gamma, tail) => {
      const rng = new Rng(seed);
      const x = rng.normals(m * n);
      // Normal, Cauchy, and the cube of Cauchy, where one entry is nearly everything.
      if (tail > 0) x.forEach((z, i) => x[i] = (z / rng.normal()) ** (2 * tail - 1));
      const norm = Math.sqrt(x.reduce((sum, z) => sum + z * z, 0));
      const { rmsMinus1 } = coshRms(x.map((z) => z / norm), { gamma });
      const { lowerMinus1, upperMinus1 } = coshRmsBounds(m * n, gamma);
      assert(rmsMinus1 >= lowerMinus1 * (1 - 1e-13) && rmsMinus1 <= upperMinus1 * (1 + 1e-13));
    }),
    { numRuns: 1000 },
  );
  for (const n of [1, 6, 16, 4096, 65536]) {
    for (const gamma of [0.5, 1, 1.5, 4]) {
      const { lower, upper } = coshRmsBounds(n, gamma);
      assertAlmostEquals(coshRms(flat(n), { gamma, method: "exact" }).rms / lower, 1, 1e-14);
      assertAlmostEquals(coshRms(oneHot(n), { gamma }).rms / upper, 1, 1e-14);
    }
  }
});

Deno.test("2 x 3 matrix (oracle)", () => {
  const x = TWO_BY_THREE.times(1 / Math.sqrt(91));
  assertAlmostEquals(coshRms(x.data).rms, 1.0874770153285, 1e-13);
  assertAlmostEquals(coshRms(x.data, { gamma: 1.5 }).rms, 1.2083985282167, 1e-13);
  assertClose(auonDirection(TWO_BY_THREE).data, [
    0.096396045337,
    0.192792090673,
    0.289188136010,
    0.385584181347,
    0.481980226683,
    0.578376272020,
  ], 2e-8);
  assertClose(auonDirection(TWO_BY_THREE, { variant: "repo" }).data, [
    0.8275415574,
    1.655083114799,
    2.482624672199,
    3.310166229599,
    4.137707786999,
    4.965249344398,
  ], 6e-8);
  const one = newtonSchulz(TWO_BY_THREE, { coefficients: NEWTON_SCHULZ.muon5.slice(0, 1), eps: 0 });
  assertAlmostEquals(coshRms(one.data).rms, 1.0485843972932, 1e-13);
  const hybrid = hybridDirection(TWO_BY_THREE);
  assertClose(hybrid.data, [
    -0.084957047175,
    0.119427398505,
    0.323811844185,
    0.347357856831,
    0.361861947825,
    0.376366038819,
  ], 2e-8);
  assertAlmostEquals(conditionNumber(TWO_BY_THREE), 12.3022455041, 1e-9);
  assertAlmostEquals(conditionNumber(auonDirection(TWO_BY_THREE)), 12.3022455041, 1e-9);
  assertAlmostEquals(conditionNumber(hybrid), 2.5437519272, 1e-7);
});

Deno.test("the 4 x 4 matrix of figure 1: singular values and first rows (oracle)", () => {
  const sorted = (values: number[]) => values.sort((a, b) => b - a);
  assertAlmostEquals(frobeniusNorm(A) ** 2, 32, 1e-13);
  // Computed with 50 digits.
  const steps: Record<number, number[]> = {
    1: [1.090623052612, 1.202366692449, 1.041004052615, 0.652279730593],
    2: [0.696935701767, 0.946503364908, 0.682525550084, 1.161472759333],
    3: [1.118211169864, 0.754523895030, 1.133647829987, 0.812989264021],
    4: [0.726937251834, 1.044631676420, 0.751788571099, 0.956019489101],
    5: [1.082045278480, 0.682085556723, 1.048496478208, 0.743099947027],
  };
  assertClose(singularValues(A), [4.074002235325, 3.133192503553, 2.074002235325, 1.133192503553], 1e-11);
  const normalized = [0.720188651792, 0.553875416506, 0.366635261199, 0.200322025913];
  assertClose(singularValues(A.times(1 / Math.sqrt(32))), normalized, 1e-11);
  for (const [step, values] of Object.entries(steps)) {
    const coefficients = NEWTON_SCHULZ.muon5.slice(0, Number(step));
    assertClose(singularValues(newtonSchulz(A, { coefficients, eps: 0 })), sorted(values), 1e-11);
  }
  assertAlmostEquals(coshRms(A.times(1 / Math.sqrt(32)).data).rms, 1.032316808978, 1e-11);
  const one = newtonSchulz(A, { coefficients: NEWTON_SCHULZ.muon5.slice(0, 1), eps: 0 });
  assertAlmostEquals(coshRms(one.data).rms, 1.142110887103, 1e-11);
  const auon = auonDirection(A);
  const hybrid = hybridDirection(A);
  assertClose(singularValues(auon), [0.697643054466, 0.536536276160, 0.355157697724, 0.194050919418], 4e-8);
  assertClose(singularValues(hybrid), [1.052758279444, 0.954918707912, 0.911473714473, 0.571117689144], 4e-8);
  assertClose(auon.row(0), [0.342485356742, 0.171242678371, 0, -0.513728035112], 4e-8);
  assertClose(hybrid.row(0), [0.576568599210, 0.355369025845, 0.047179689448, -0.647390281169], 4e-8);
});

Deno.test("Gaussian, Student and Cauchy matrices stay below the upper bound", () => {
  for (const [n, expected] of [[64, 1.2209e-4], [256, 7.6295e-6]]) {
    const { rmsMinus1 } = directionCoshRms(new Rng(n).normalMatrix(n, n).data);
    assertAlmostEquals(rmsMinus1 / expected, 1, 1e-3);
  }
  const rng = new Rng(3);
  const cauchy = rng.normals(4096).map((z) => z / rng.normal());
  assertLess(directionCoshRms(cauchy).rmsMinus1, 1.6858e-4);
  assertLess(1.2209e-4, directionCoshRms(cauchy).rmsMinus1);
});

Deno.test("auon, criterion 2: AuON is parallel to the momentum, with its condition number, inside the unit ball (theorem)", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 16 }),
      fc.integer(),
      (m, n, seed) => {
        const g = new Rng(seed).normalMatrix(m, n);
        for (const variant of ["paper", "repo"] as const) {
          const u = auonDirection(g, { variant });
          const inner = g.data.reduce((sum, x, i) => sum + x * u.data[i], 0);
          assertAlmostEquals(inner / frobeniusNorm(g) / frobeniusNorm(u), 1, 1e-12);
          const kappa = conditionNumber(g);
          if (kappa < 1e4) assertAlmostEquals(conditionNumber(u) / kappa, 1, 1e-9);
          if (variant === "paper") assertLess(spectralNorm(u), 1);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("auon, criterion 3: the paper's AuON forgets the scale of the gradient, the repo's does not (theorem)", () => {
  // What is left is eps over the norm, here at least 0.2.
  const g = new Rng(5).normalMatrix(12, 20, 200 / Math.sqrt(240));
  const u = auonDirection(g);
  const repo = auonDirection(g, { variant: "repo" });
  for (const c of [1e-3, 0.1, 10, 1e3, 1e6]) {
    assertLess(frobeniusNorm(auonDirection(g.times(c)).minus(u)), 1e-6);
    const scaled = auonDirection(g.times(c), { variant: "repo" }).times(1 / c);
    assertLess(frobeniusNorm(scaled.minus(repo)) / frobeniusNorm(repo), 1e-6);
  }
  assertLess(frobeniusNorm(auonDirection(g.times(-1)).plus(u)), 1e-15);
});

Deno.test("auon, criterion 7: repo Hybrid-AuON is Muon over R (identity)", () => {
  const g = new Rng(6).normalMatrix(64, 64);
  const muon = direction((options) => muonUpdates(options as never), g);
  const { rms, rmsMinus1 } = directionCoshRms(muon.data, { gamma: 1.5 });
  assertLess(rmsMinus1, 6e-4);
  assertLess(2.7467e-4, rmsMinus1);
  const hybrid = hybridDirection(g, { variant: "repo" });
  assertClose(hybrid.data, muon.times(1 / (rms + 1e-8)).data, 1e-15);
});

Deno.test("paper AuON is normalized descent with another rate; repo AuON is descent, step by step", () => {
  const rng = new Rng(7);
  const gradients = Array.from({ length: 8 }, () => rng.normalMatrix(30, 40));
  const after = (transformation: GradientTransformation) => {
    const weights = Matrix.zeros(30, 40);
    const optimizer = new MatrixOptimizer([{ name: "w", weights, outputs: "rows" }], transformation);
    for (const g of gradients) optimizer.step([g]);
    return weights;
  };
  const distance = (a: Matrix, b: Matrix) => frobeniusNorm(a.minus(b)) / frobeniusNorm(b);
  const n = 1200;
  const rate = (gamma: number) => 0.1 / coshRmsBounds(n, gamma).lower;
  assertLess(
    distance(
      after(auonUpdates({ learningRate: 0.1 })),
      after(normalizedSgdUpdates({ learningRate: rate(1) })),
    ),
    1e-6,
  );
  assertLess(
    distance(
      after(auonUpdates({ learningRate: 0.1, variant: "repo" })),
      after(sgdUpdates({ learningRate: rate(1.5) })),
    ),
    1e-5,
  );
});

Deno.test("the one-pass series is the exact form to 1e-10 of R - 1, or gives way to it", () => {
  const rng = new Rng(8);
  const n = 40_000;
  const cases: Record<string, RealArray> = {
    normal: rng.normals(n),
    "normal, float32": Float32Array.from(rng.normals(n)),
    cauchy: rng.normals(n).map((z) => z / rng.normal()),
    flat: flat(n),
    "one-hot": oneHot(n),
    "odd length": rng.normals(n + 1),
    tiny: rng.normals(n, 1e-25),
    huge: rng.normals(n, 1e25),
  };
  for (const [name, x] of Object.entries(cases)) {
    for (const gamma of [1, 1.5, 20]) {
      const norm = Math.hypot(...x);
      const unit = Float64Array.from(x, (z) => z / norm);
      const exact = coshRms(unit, { gamma, method: "exact" });
      const series = coshRms(unit, { gamma, method: "series" });
      const fused = directionCoshRms(x, { gamma, eps: 0 });
      assertAlmostEquals(series.rmsMinus1 / exact.rmsMinus1, 1, 2e-10, name);
      assertAlmostEquals(fused.rmsMinus1 / exact.rmsMinus1, 1, 2e-10, name);
      assertAlmostEquals(fused.norm / norm, 1, 1e-12, name);
    }
  }
});

Deno.test("of large updates the bounds are enough: R is right to the tolerance", () => {
  const rng = new Rng(11);
  const shapes: [n: number, make: () => number][] = [
    [300, () => rng.normal()],
    [300, () => rng.normal() / rng.normal()],
    [1000, () => rng.normal()],
    [1000, () => rng.uniform() < 1e-5 ? 1 : 0],
    [300, () => 1e-20 * rng.normal()],
  ];
  for (const [side, make] of shapes) {
    const g = Matrix.from(side, side, make);
    const parameter = { name: "w", weights: g, outputs: "rows" as const };
    for (const dtype of ["float64", "float32"] as const) {
      for (const gamma of [1, 1.5]) {
        const update = (tolerance?: number) => {
          const link = scaleByCoshRms({ gamma, normalize: true, eps: 0, tolerance });
          return link.update(g.astype(dtype), link.init(parameter), parameter).astype("float64");
        };
        const exact = update(0);
        const fast = update();
        assertLess(
          frobeniusNorm(fast.minus(exact)) / frobeniusNorm(exact),
          dtype === "float32" ? 2e-7 : 2e-9,
        );
      }
    }
  }
});

Deno.test("norms out of the range of sixth powers, subnormal and near overflow", () => {
  const x = Float64Array.of(3, 4, 0, 0);
  const { rmsMinus1 } = directionCoshRms(x);
  for (const scale of [1e-200, 1e-40, 1e40, 1e200, 1e307]) {
    const found = directionCoshRms(x.map((z) => z * scale), { eps: 0 });
    assertAlmostEquals(found.norm / scale / 5, 1, 1e-14);
    assertAlmostEquals(found.rmsMinus1, rmsMinus1, 1e-8);
  }
});

Deno.test("zero and rank-1 gradients give finite updates, in both precisions and both layouts", () => {
  const plain = () => normalizedSgdUpdates();
  for (const make of [auonUpdates, hybridAuonUpdates, plain]) {
    for (const variant of ["paper", "repo"] as const) {
      for (const dtype of ["float64", "float32"] as const) {
        for (const outputs of ["rows", "columns"] as const) {
          const weights = Matrix.zeros(6, 4).astype(dtype);
          const parameter = { name: "w", weights, outputs };
          const link = make({ variant } as AuonOptions);
          const state = link.init(parameter);
          const zero = link.update(Matrix.zeros(6, 4).astype(dtype), state, parameter);
          assertEquals([...zero.data].every((x) => x === 0), true);
          const one = Matrix.from(6, 4, (i, j) => (i + 1) * (j - 1.5)).astype(dtype);
          assert(link.update(one, state, parameter).data.every(Number.isFinite));
        }
      }
    }
  }
});

Deno.test("the shape factor counts outputs in either layout", () => {
  const g = new Rng(9).normalMatrix(8, 2);
  const update = (matrix: Matrix, outputs: "rows" | "columns") => {
    const link = auonUpdates({ learningRate: 1 });
    const parameter = { name: "w", weights: Matrix.zeros(matrix.rows, matrix.columns), outputs };
    return link.update(matrix.clone(), link.init(parameter), parameter);
  };
  assertClose(update(g.transpose(), "columns").data, update(g, "rows").transpose().data, 1e-15);
  assertAlmostEquals(frobeniusNorm(update(g, "rows")) / frobeniusNorm(update(g, "columns")), 2, 1e-12);
});

Deno.test("decay shrinks the weights before the step, at the rate times lambda", () => {
  const weights = Matrix.fromRows([[2, -4]]);
  const optimizer = new MatrixOptimizer(
    [{ name: "w", weights, outputs: "rows" }],
    auonUpdates({ variant: "repo", learningRate: 0.08, weightDecay: 0.01 }),
  );
  optimizer.step([Matrix.zeros(1, 2)]);
  assertClose(weights.data, [2 * (1 - 8e-4), -4 * (1 - 8e-4)], 1e-15);
});

Deno.test("stopping, saving and restoring goes on as if nothing had happened", () => {
  for (const make of [auonUpdates, hybridAuonUpdates, normalizedSgdUpdates, sgdUpdates]) {
    const rng = new Rng(10);
    const gradients = Array.from({ length: 6 }, () => rng.normalMatrix(5, 7));
    const parameter = { name: "w", weights: Matrix.zeros(5, 7), outputs: "rows" as const };
    const straight = make();
    const resumed = make();
    const first = straight.init(parameter);
    for (const g of gradients.slice(0, 3)) straight.update(g.clone(), first, parameter);
    const saved = new Map(
      stateLeaves(first).map((
        { path, value },
      ) => [path, typeof value === "number" ? [value] : value.slice()]),
    );
    const other = resumed.init(parameter);
    restoreState(other, saved);
    for (const g of gradients.slice(3)) {
      const a = straight.update(g.clone(), first, parameter);
      const b = resumed.update(g.clone(), other, parameter);
      assertEquals(a.data, b.data);
    }
  }
});

Deno.test("as tf.Optimizer: trains, saves its state and its options, leaks no tensor", async () => {
  await tf.setBackend("cpu");
  const makers = [auon, hybridAuon, normalizedSgd, sgd, adamw];
  for (const make of makers) {
    const kernel = tf.variable(tf.zeros([3, 2]));
    const bias = tf.variable(tf.zeros([2]));
    const wanted = tf.tensor2d([[1, 2], [-1, 0], [0, 1]]);
    const loss = () =>
      tf.add(
        tf.sum(tf.squaredDifference(kernel, wanted)),
        tf.sum(tf.squaredDifference(bias, 1)),
      ) as tf.Scalar;
    const options = { learningRate: 0.05 };
    const optimizer = make(options);
    const before = loss().dataSync()[0];
    const tensors = tf.memory().numTensors;
    for (let step = 0; step < 20; step++) optimizer.minimize(loss, false, [kernel, bias]);
    assertEquals(tf.memory().numTensors, tensors);
    assertLess(loss().dataSync()[0], before);
    assertEquals(optimizer.getConfig(), options);
    const resumed = make(options);
    await resumed.setWeights(await optimizer.getWeights());
    const at = kernel.dataSync().slice();
    optimizer.minimize(loss, false, [kernel, bias]);
    const next = kernel.dataSync().slice();
    kernel.assign(tf.tensor2d(at, [3, 2]));
    resumed.minimize(loss, false, [kernel, bias]);
    if (make !== auon) continue;
    // The bias has moved once more meanwhile; the kernel's gradient does not depend on it.
    assertEquals(kernel.dataSync(), next);
  }
  tf.disposeVariables();
  assertEquals(new AuON().getConfig(), {});
  assertEquals(new HybridAuON({ variant: "repo" }).getConfig(), { variant: "repo" });
});

Deno.test("bad input is named", () => {
  const named: [() => unknown, string][] = [
    [() => coshRms(flat(4), { gamma: 0 }), "`gamma` must be a finite number > 0, got 0"],
    [() => coshRms(new Float64Array(0)), "`x.length`"],
    [() => coshRms(Float64Array.of(1, NaN)), "entry 1 is NaN"],
    [() => coshRms(Float64Array.of(1, 800)), "is beyond the largest number"],
    [() => coshRmsBounds(0, 1), "`n`"],
    [() => coshRmsBounds(4, -1), "`gamma` must be a finite number > 0, got -1"],
    [() => directionCoshRms(Float64Array.of(1, Infinity)), "entry 1 is Infinity"],
    [() => scaleByCoshRms({ gamma: -2 }), "`gamma` must be a finite number > 0, got -2"],
    [() => scaleByCoshRms({ eps: -1 }), "`eps`"],
    [() => scaleByCoshRms({ tolerance: -1 }), "`tolerance`"],
    [() => auonUpdates({ learningRate: -0.1 }), "`learningRate` must be a finite number >= 0, got -0.1"],
    [() => auonUpdates({ momentum: 1 }), "`momentum` must be a finite number >= 0 and < 1, got 1"],
    [() => auonUpdates({ weightDecay: -1 }), "`weightDecay`"],
    [() => hybridAuonUpdates({ coefficients: [] }), "`coefficients"],
    [() => hybridDirection(Matrix.fromRows([[1, NaN]])), "NaN"],
    [() => auonDirection(Matrix.fromRows([[1, NaN]])), "entry 1 is NaN"],
    [() => sgdUpdates({ momentum: -0.5 }), "`momentum`"],
    [() => normalizedSgdUpdates({ learningRate: NaN }), "`learningRate`"],
  ];
  for (const [run, message] of named) assertThrows(run, RangeError, message);
  const wrong = (value: string) => value as "auto" & "paper" & "direction" & "muon";
  assertThrows(() => coshRms(flat(4), { method: wrong("fast") }), TypeError, "`method`");
  assertThrows(() => auonUpdates({ variant: wrong("v4") }), TypeError, '`variant` must be "paper" or "repo"');
  assertThrows(() => auonUpdates({ scale: wrong("auto") }), TypeError, "`scale`");
  assertThrows(() => scaleByCoshRms({ of: wrong("rows") }), TypeError, "`of`");
  assertThrows(() => scaleByCoshRms({ of: "entries", normalize: true }), TypeError, "`normalize`");
});
