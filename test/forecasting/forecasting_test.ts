// Oracles: closed forms of the Kac-Murdock-Szegő matrix, theorems, NumPy's corrcoef, and OLinear in PyTorch without
// fused matrices (test/fixtures/forecasting/make.py).
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import {
  dctBasis,
  energyCompaction,
  fitLinearForecaster,
  forecastWindows,
  kmsCorrelation,
  mixingCost,
  normalizeWindows,
  normLinVjp,
  normLinWeights,
  OLinear,
  type OLinearOptions,
  orthoBasis,
  orthoTransform,
  realFourierBasis,
  restoreWindows,
  trainOLinear,
  type VariateMixer,
  weightedL1Loss,
  windowCorrelation,
} from "refigure/forecasting";
import { frobeniusNorm, haarOrthogonal } from "refigure/linalg";
import fixture from "../fixtures/forecasting/olinear.json" with { type: "json" };

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  assertEquals(a.length, b.length);
  return Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);
};

Deno.test("two lags: eigenvalues 1 + r and 1 - r, basis of sum and difference; one lag: 1", () => {
  const { basis, eigenvalues } = orthoBasis(Matrix.fromRows([[1, 0.3], [0.3, 1]]));
  assert(worst(eigenvalues, [1.3, 0.7]) < 1e-14);
  const half = Math.SQRT1_2;
  assert(worst(basis.data, [half, half, half, -half]) < 1e-14);
  assertEquals([...orthoBasis(Matrix.fromRows([[1]])).basis.data], [1]);
  assertEquals([...windowCorrelation(Matrix.from(5, 1, (t) => t * t), 1).data], [1]);
});

Deno.test("Kac-Murdock-Szegő matrix: eigenvalues by the closed form, first eigenvector, determinant, coding gain", () => {
  const correlation = kmsCorrelation(8, 0.9);
  const { basis, eigenvalues } = orthoBasis(correlation);
  const known = [
    6.202999022565,
    1.007191187933,
    0.329657352017,
    0.164743622401,
    0.103635014959,
    0.075598381423,
    0.061495510459,
    0.054679908243,
  ];
  assert(worst(eigenvalues, known) < 1e-11);
  const roots = [
    0.1515471115,
    0.4492947215,
    0.8157014446,
    1.1973468098,
    1.5837729087,
    1.9722011066,
    2.3616021906,
    2.7514929728,
  ];
  // The characteristic equation, and its values.
  for (const [k, theta] of roots.entries()) {
    const equation = Math.sin(9 * theta) - 1.8 * Math.sin(8 * theta) + 0.81 * Math.sin(7 * theta);
    assertAlmostEquals(equation, 0, 1e-8);
    assertAlmostEquals(0.19 / (1 - 1.8 * Math.cos(theta) + 0.81), eigenvalues[k], 1e-8);
  }
  const first = [0.3236928014, 0.3486421991, 0.3655998092, 0.3741769192];
  assert(worst(basis.row(0), [...first, ...first.toReversed()]) < 1e-10);
  assertAlmostEquals(eigenvalues.reduce((a, b) => a * b), 8.938717389999982e-06, 1e-17);
  assertAlmostEquals(energyCompaction(basis, correlation).codingGainDb, 6.3109059917, 1e-9);
  // Rows of a centrosymmetric matrix are symmetric or antisymmetric.
  for (let i = 0; i < 8; i++) {
    const row = basis.row(i);
    const turned = row.toReversed();
    assert(Math.min(worst(row, turned), worst(row, turned.map((value) => -value))) < 1e-12);
  }
});

Deno.test("energy: the eigenbasis diagonalizes and no orthonormal basis has a larger share in k coefficients", () => {
  const n = 96;
  const known: Record<number, number[]> = {
    0.5: [0.238191, 0.235259, 0.236550],
    0.9: [0.748695, 0.746436, 0.736827],
    0.99: [0.974200, 0.974168, 0.961637],
  };
  for (const [rho, shares] of Object.entries(known)) {
    const correlation = kmsCorrelation(n, Number(rho));
    const { basis, eigenvalues } = orthoBasis(correlation);
    const best = energyCompaction(basis, correlation);
    assert(best.offDiagonalRatio < 1e-12);
    assert(worst(matmul(basis, basis, { transposeB: true }).data, Matrix.identity(n).data) < 1e-12);
    assertAlmostEquals(eigenvalues.reduce((a, b) => a + b), n, 1e-10);
    const others = [
      dctBasis(n),
      realFourierBasis(n),
      haarOrthogonal(n, { rng: new Rng(0) }),
      Matrix.identity(n),
    ]
      .map((other) => energyCompaction(other, correlation));
    [best, ...others.slice(0, 2)].forEach((of, i) => assertAlmostEquals(of.cumulative[7], shares[i], 1e-6));
    for (const other of others) {
      assert(other.cumulative.every((share, k) => share <= best.cumulative[k] + 1e-12));
    }
    if (rho === "0.9") {
      assertAlmostEquals(others[0].offDiagonalRatio, 0.1735, 1e-4);
      assertAlmostEquals(others[1].offDiagonalRatio, 0.2006, 1e-4);
    }
  }
});

Deno.test("bases are orthonormal for odd and even sizes; the transform and its inverse are the identity", () => {
  for (const n of [1, 2, 7, 12]) {
    for (const basis of [dctBasis(n), realFourierBasis(n)]) {
      assert(worst(matmul(basis, basis, { transposeB: true }).data, Matrix.identity(n).data) < 1e-14);
      const x = new Rng(n).normalMatrix(3, n);
      const back = orthoTransform(orthoTransform(x, basis), basis, { inverse: true });
      assert(worst(back.data, x.data) < 1e-14);
    }
  }
});

Deno.test("window correlation: NumPy's corrcoef, whatever the units", () => {
  const series = new Matrix(60, 3, Float64Array.from(fixture.window.series));
  assert(worst(windowCorrelation(series, 7).data, fixture.window.correlation) < 1e-12);
  const other = series.map((value, _, j) => [1e-6, 1, 1e9][j] * value + [3, -1, 1e10][j]);
  assert(worst(windowCorrelation(other, 7).data, fixture.window.correlation) < 1e-8);
});

Deno.test("window correlation: a cosine over whole periods has two eigenvalues 12, noise gives the identity", () => {
  const wave = Matrix.from(24 * 10 + 23, 1, (t) => Math.cos(2 * Math.PI * t / 24));
  const { eigenvalues } = orthoBasis(windowCorrelation(wave, 24));
  assert(worst(eigenvalues, [12, 12, ...new Array(22).fill(0)]) < 1e-10);
  const off = (length: number) =>
    frobeniusNorm(windowCorrelation(new Rng(1).normalMatrix(length, 1), 6).minus(Matrix.identity(6)));
  // O(1 / sqrt(M)): thirty entries of deviation 1 / sqrt(M).
  assert(off(100_000) < 2 * Math.sqrt(30 / 100_000));
  assert(off(1000) > 3 * off(100_000));
});

Deno.test("window correlation: constant series are left out, and all of them is an error", () => {
  const x = new Rng(2).normalMatrix(50, 1);
  const withConstants = Matrix.from(50, 3, (t, j) => j === 1 ? x.get(t, 0) : 1e6 + 0.1 * j);
  assertEquals(windowCorrelation(withConstants, 5), windowCorrelation(x, 5));
  assertThrows(() => windowCorrelation(Matrix.from(50, 2, () => 0.1), 5), RangeError, "varies everywhere");
  // Constant in the first place of the window, whose positions miss the end.
  const step = Matrix.from(50, 1, (t) => t === 49 ? 1 : 0);
  assertThrows(() => windowCorrelation(step, 2), RangeError, "varies everywhere");
});

Deno.test("bad input: short series, NaN, sizes", () => {
  assertThrows(
    () => windowCorrelation(Matrix.zeros(4, 1), 4),
    RangeError,
    "`series` must have at least window + 1 = 5 samples, got 4",
  );
  const holed = Matrix.from(20, 3, (t, j) => t === 7 && j === 2 ? NaN : t);
  assertThrows(() => windowCorrelation(holed, 4), RangeError, "series 2 at time 7 is NaN");
  assertThrows(() => orthoTransform(Matrix.zeros(2, 3), dctBasis(4)), RangeError, "`basis`");
  const options = { variates: 2, inputLength: 8, horizon: 4, width: 8, rng: new Rng(0) };
  assertThrows(() => new OLinear({ ...options, inputBasis: dctBasis(4) }), RangeError, "`inputBasis`");
  assertThrows(() => new OLinear({ ...options, outputBasis: dctBasis(8) }), RangeError, "`outputBasis`");
  assertThrows(() => new OLinear({ ...options, mixer: "attention", heads: 3 }), RangeError, "`heads`");
  assertThrows(() => new OLinear({ ...options, mixer: "correlation" }), TypeError, "`correlation`");
  assertThrows(() => new OLinear({ ...options, mixer: "norm" as never }), TypeError, "`mixer`");
  const net = new OLinear(options);
  assertThrows(() => net.predict(Matrix.zeros(3, 8)), RangeError, "whole samples of 2 rows");
  assertThrows(() => net.predict(Matrix.zeros(2, 7)), RangeError, "inputLength = 8 columns, got 7");
  assertThrows(
    () => trainOLinear(net, Matrix.zeros(11, 2), { rng: new Rng(0) }),
    RangeError,
    "12 samples, got 11",
  );
  assertThrows(() => trainOLinear(net, Matrix.zeros(50, 3), { rng: new Rng(0) }), RangeError, "`series`");
  assertThrows(
    () => trainOLinear(net, Matrix.from(50, 2, () => NaN), { rng: new Rng(0) }),
    RangeError,
    "`series`",
  );
});

Deno.test("NormLin: known values; rows are positive and sum to one; spectral radius 1 with the eigenvector of ones", () => {
  const known = normLinWeights(Matrix.fromRows([[0, 1], [-1, 2]]));
  assert(worst(known.data, [0.34546657, 0.65453343, 0.12837596, 0.87162404]) < 1e-8);
  const mixing = normLinWeights(new Rng(3).normalMatrix(9, 9));
  for (let i = 0; i < 9; i++) {
    assert(mixing.row(i).every((value) => value > 0));
    assertAlmostEquals(mixing.row(i).reduce((a, b) => a + b), 1, 1e-14);
  }
  // Power iteration (Perron): any positive start converges to equal entries, growing by the factor 1.
  let v = Matrix.from(9, 1, (i) => 1 + i);
  for (let step = 0; step < 200; step++) v = matmul(mixing, v);
  assert(worst(v.data, new Array(9).fill(v.data[0])) < 1e-12);
  assert(worst(matmul(mixing, v).data, v.data) < 1e-12);
  // Weights at the ends of the range.
  for (const w of [-1e4, -800, 1e300]) {
    assert(worst(normLinWeights(Matrix.from(1, 2, () => w)).data, [0.5, 0.5]) < 1e-12);
  }
  assert(Number.isNaN(normLinWeights(Matrix.fromRows([[NaN, 1]])).get(0, 1)));
});

Deno.test("NormLin: derivatives by the formula of the Jacobian and by differences", () => {
  for (const shift of [0, -40]) {
    const weights = new Rng(4).normalMatrix(4, 5).map((w) => w + shift);
    const cotangents = new Rng(5).normalMatrix(4, 5);
    const gradient = normLinVjp(weights, cotangents);
    const at = (k: number, by: number) => {
      const moved = weights.clone();
      moved.data[k] += by;
      return normLinWeights(moved).data.reduce((sum, a, j) => sum + a * cotangents.data[j], 0);
    };
    gradient.data.forEach((value, k) => assertAlmostEquals(value, (at(k, 1e-5) - at(k, -1e-5)) / 2e-5, 1e-8));
  }
  assertEquals(mixingCost(7, 512), { attention: 7390208, normLin: 3695104 });
  assertEquals(mixingCost(321, 512), { attention: 442106880, normLin: 221053440 });
});

Deno.test("loss: weights 1, 1/sqrt 2, 1/sqrt 3, 1/2", () => {
  const { loss, gradient } = weightedL1Loss(Matrix.from(1, 4, () => 1), Matrix.zeros(1, 4));
  assert(worst(gradient.times(4).data, [1, 0.70710678, 0.57735027, 0.5]) < 1e-8);
  assertAlmostEquals(loss, (1 + 0.70710678 + 0.57735027 + 0.5) / 4, 1e-8);
});

Deno.test("normalization and back is the identity", () => {
  const x = new Rng(6).normalMatrix(5, 12).map((value, i) => value * 10 ** i + 3);
  const { windows, mean, deviation } = normalizeWindows(x);
  assert(worst(restoreWindows(windows, { mean, deviation }).data, x.data) < 1e-10);
});

const basisOf = (data: number[]) =>
  new Matrix(Math.sqrt(data.length), Math.sqrt(data.length), Float64Array.from(data));
const { sizes } = fixture;
const x = new Matrix(2 * sizes.variates, sizes.inputLength, Float64Array.from(fixture.x));
const y = new Matrix(2 * sizes.variates, sizes.horizon, Float64Array.from(fixture.y));
type Stored = { parameters: number[]; forecasts: number[]; loss: number; gradient: number[] };

for (const [mixer, stored] of Object.entries(fixture.networks) as [VariateMixer, Stored][]) {
  Deno.test(`OLinear with ${mixer}: forecasts, loss and gradient of the unfused network in PyTorch`, () => {
    for (const [dtype, tolerance] of [["float64", 1e-10], ["float32", 2e-4]] as const) {
      const net = new OLinear({
        ...sizes,
        mixer,
        dtype,
        inputBasis: basisOf(fixture.inputBasis),
        outputBasis: basisOf(fixture.outputBasis),
        parameters: Float64Array.from(stored.parameters),
        ...(mixer === "correlation" ? { correlation: basisOf(fixture.correlation) } : {}),
      } as OLinearOptions<"float64" | "float32">);
      const { outputs, parameters } = net.vjp(x, (outputs) => {
        const { loss, gradient } = weightedL1Loss(outputs, y);
        assertAlmostEquals(loss, stored.loss, tolerance);
        return gradient;
      });
      assert(worst(outputs.data, stored.forecasts) < 10 * tolerance);
      assert(worst(parameters, stored.gradient) < 10 * tolerance, `${worst(parameters, stored.gradient)}`);
      assertEquals(net.predict(x).data, outputs.data);
    }
  });
}

Deno.test("OLinear: forecasts follow shift and scale; permuted variates give permuted forecasts", () => {
  const net = new OLinear({
    ...sizes,
    dtype: "float64",
    parameters: Float64Array.from(fixture.networks.normlin.parameters),
  });
  // Large values, beside which the 1e-5 added to the variance is nothing.
  const large = x.times(1e4);
  const scaled = net.predict(large.map((value) => 3 * value + 7));
  const expected = net.predict(large).map((value) => 3 * value + 7);
  assert(worst(scaled.times(1e-4).data, expected.times(1e-4).data) < 1e-9);
  // Order [2, 0, 1] of the variates, in what belongs to one of them: scale, shift, deltas, mixing.
  const order = [2, 0, 1];
  const { variates: n, inputLength, horizon, embedding, width, hidden, layers } = sizes;
  const moved = net.parameters.slice();
  const rowsMoved = (at: number, length: number) =>
    order.forEach((v, to) =>
      moved.set(net.parameters.subarray(at + v * length, at + (v + 1) * length), at + to * length)
    );
  rowsMoved(0, 1);
  rowsMoved(n, 1);
  let at = 2 * n + embedding;
  rowsMoved(at, inputLength);
  at += n * inputLength + width * (embedding * inputLength + 1);
  for (let l = 0; l < layers; l++) {
    order.forEach((v, i) => order.forEach((w, j) => moved[at + i * n + j] = net.parameters[at + v * n + w]));
    at += n * n + 2 * width * (width + 1) + 2 * width + hidden * (width + 1) + width * (hidden + 1) +
      2 * width;
  }
  at += 2 * width + embedding * horizon * (width + 1);
  rowsMoved(at, horizon);
  const other = new OLinear({ ...sizes, dtype: "float64", parameters: moved });
  const permuted = Matrix.from(x.rows, inputLength, (i, j) => x.get(Math.floor(i / n) * n + order[i % n], j));
  const [before, after] = [net.predict(x), other.predict(permuted)];
  for (let i = 0; i < x.rows; i++) {
    assert(worst(after.row(i), before.row(Math.floor(i / n) * n + order[i % n])) < 1e-10);
  }
});

Deno.test("linear forecaster: gradient descent takes one path in every basis, Adam does not", () => {
  const rng = new Rng(7);
  const series = Matrix.from(150, 2, (t, v) => Math.sin(t / (3 + v)) + 0.3 * rng.normal());
  const starts = Array.from({ length: 120 }, (_, s) => s);
  const { inputs, targets } = forecastWindows(series, starts, { inputLength: 8, horizon: 4 });
  const [qi, qo] = [8, 4].map((n) => haarOrthogonal(n, { rng }));
  const fit = (optimizer: "adam" | "gradient-descent", rotated: boolean) => {
    const [a, b] = rotated ? [orthoTransform(inputs, qi), orthoTransform(targets, qo)] : [inputs, targets];
    const options = { optimizer, steps: 50, learningRate: 0.05, groupRows: 2, rng: new Rng(8) };
    const W = fitLinearForecaster(a, b, options);
    // Back in time: Qo^T W Qi.
    return rotated ? matmul(matmul(qo, W, { transposeA: true }), qi) : W;
  };
  assert(worst(fit("gradient-descent", true).data, fit("gradient-descent", false).data) < 1e-12);
  assert(worst(fit("adam", true).data, fit("adam", false).data) > 1e-2);
});

Deno.test("linear forecaster: descent ends at least squares", () => {
  const inputs = new Rng(9).normalMatrix(60, 3);
  const targets = new Rng(10).normalMatrix(60, 2);
  const W = fitLinearForecaster(inputs, targets, {
    optimizer: "gradient-descent",
    steps: 2000,
    learningRate: 0.3,
  });
  // The normal equations.
  const residual = matmul(inputs, W, { transposeB: true }).minus(targets);
  assert(frobeniusNorm(matmul(residual, inputs, { transposeA: true })) < 1e-8);
});

Deno.test("attention weights and mixing: rows sum to one; none is the identity", () => {
  for (const mixer of ["normlin", "attention", "none"] as const) {
    const net = new OLinear({ ...sizes, mixer, rng: new Rng(11) });
    const mixing = net.mixing(1, x);
    for (let v = 0; v < sizes.variates; v++) {
      assertAlmostEquals(mixing.row(v).reduce((a, b) => a + b), 1, 1e-6);
    }
  }
});
