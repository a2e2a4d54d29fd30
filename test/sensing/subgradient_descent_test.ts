// Values computed independently for robust-matrix-subgradient, and what its method must and must not do.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm, haarOrthogonal, qr, singularValues } from "../../lib/linalg/mod.ts";
import {
  corrupt,
  entryOperator,
  explicitOperator,
  gaussianOperator,
  populationSubgradientDescent,
  rankOneOperator,
  signRipScale,
  signSpectralStart,
  stepBudget,
  type StepRule,
  streamedGaussianOperator,
  subgradientDescent,
  symmetricGaussianOperator,
} from "../../lib/sensing/mod.ts";

const outer = (u: Matrix) => gram(u, { side: "right" });
const distance = (a: Matrix, b: Matrix) => frobeniusNorm(a.minus(b));
const usual: StepRule = { kind: "geometric", first: 0.3, decay: 0.99 };

/** A problem of the experiment's kind, smaller where a test allows it. */
function problem(seed: number, d: number, m: number, probability: number, std = 10) {
  const rng = new Rng(seed);
  const range = qr(rng.normalMatrix(d, 2)).q;
  const truth = outer(range);
  const operator = symmetricGaussianOperator({ rows: d, measurements: m, scale: 1, rng: rng.split("A") });
  const y = corrupt(operator.apply(truth), {
    outlierProbability: probability,
    outlier: (draw) => std * draw.normal(),
    rng: rng.split("s"),
  });
  return { truth, range, operator, y };
}

const matrices = [[[1, 2], [0, -1]], [[0, 1], [1, 3]], [[2, -1], [4, 0]]].map((rows) =>
  Matrix.fromRows(rows)
);
const tiny = { operator: explicitOperator({ matrices }), y: new Float64Array([0, 20, 1]) };
const tinyU = Matrix.fromRows([[1, 0.5], [-0.5, 2]]);

Deno.test("the sign-RIP scale has its closed-form values", () => {
  assertAlmostEquals(signRipScale(3), 0.7978845608028654, 1e-16);
  const outliers = [[0.1, 10, 1, 0.7260353528375111], [0.3, 10, 1, 0.5823369369068022], [
    0.3,
    10,
    0.1,
    0.5609127265707057,
  ], [
    0.5,
    10,
    1,
    0.4386385209760934,
  ]];
  for (const [probability, std, norm, phi] of outliers) {
    assertAlmostEquals(signRipScale(norm, { kind: "outliers", probability, std }), phi, 1e-15);
  }
  for (
    const [std, norm, phi] of [[0.5, 1, 0.7136496464611085], [0.5, 0.1, 0.1564780363510854], [
      1,
      1,
      0.5641895835477563,
    ]]
  ) {
    assertAlmostEquals(signRipScale(norm, { kind: "gaussian", std }), phi, 1e-15);
  }
});

Deno.test("signs of residuals point to the error with that scale (criterion 9, smaller)", () => {
  const rng = new Rng(3);
  const x = Matrix.diagonal([1, 0, 0, 0]);
  const m = 40000;
  const operator = streamedGaussianOperator({ rows: 4, measurements: m, scale: 1, rng, symmetric: true });
  const y = corrupt(new Float64Array(m), {
    outlierProbability: 0.3,
    outlier: (draw) => 10 * draw.normal(),
    rng: rng.split("s"),
  });
  const { gradient } = operator.residualAdjoint(x, y, { score: Math.sign });
  // Five standard deviations of a mean of 40,000 signs.
  assertAlmostEquals(gradient.get(0, 0) / m, 0.5823369369068022, 0.025);
  assertAlmostEquals(gradient.get(1, 2) / m, 0, 0.025);
});

Deno.test("the tiny exact case: forward, loss, sub-gradient, start", () => {
  assertEquals(tiny.operator.apply(outer(tinyU)), new Float64Array([-2, 13.75, 4]));
  const { losses, u } = subgradientDescent({
    ...tiny,
    u0: tinyU,
    step: { kind: "constant", size: 1 },
    steps: 1,
    record: [0],
  });
  assertEquals(losses, [1.875]);
  const expected = Matrix.fromRows([[5 / 12, -1 / 6], [1 / 6, -17 / 12]]);
  assert(distance(tinyU.minus(u), expected) < 1e-15);
  const loss = (v: Matrix) =>
    subgradientDescent({ ...tiny, u0: v, step: { kind: "constant", size: 1 }, steps: 0, record: [0] })
      .losses[0];
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      const at = (h: number) => loss(tinyU.map((x, p, q) => p === i && q === j ? x + h : x));
      assertAlmostEquals((at(1e-6) - at(-1e-6)) / 2e-6, expected.get(i, j), 1e-8);
    }
  }
  // C = [[2/3, 5/6], [5/6, 1]] with sign(0) = 0; its negative eigenvalue is dropped.
  const start = signSpectralStart(tiny.operator, tiny.y, 2, 1);
  assertAlmostEquals(gram(start).get(0, 0), 1.68316992, 1e-8);
  assertEquals(Array.from(start.column(1), Math.abs), [0, 0]);
});

Deno.test("every operator scores residuals in its fused pass, and tells their absolute sum", () => {
  const rng = new Rng(4);
  const rows = 6;
  for (
    const operator of [
      gaussianOperator({ rows, measurements: 30, rng }),
      symmetricGaussianOperator({ rows, measurements: 30, rng }),
      rankOneOperator({ rows, measurements: 30, rng }),
      entryOperator({ rows, measurements: 30, rng }),
      streamedGaussianOperator({ rows, measurements: 30, rng, block: 7 }),
      streamedGaussianOperator({ rows, measurements: 30, rng, block: 7, symmetric: true }),
    ]
  ) {
    const half = rng.normalMatrix(rows, rows);
    const x = half.plus(half.transpose());
    const y = rng.normals(30);
    const residual = operator.apply(x).map((value, i) => value - y[i]);
    const { gradient, norm, absolute } = operator.residualAdjoint(x, y, { score: Math.sign });
    assert(distance(gradient, operator.adjoint(residual.map(Math.sign))) < 1e-12);
    assertAlmostEquals(norm, Math.hypot(...residual), 1e-12);
    assertAlmostEquals(absolute, residual.reduce((sum, r) => sum + Math.abs(r), 0), 1e-12);
    assert(distance(operator.normal(x), operator.adjoint(operator.apply(x))) < 1e-11);
  }
});

Deno.test("rotating the factor, or the whole problem, leaves the errors as they are", () => {
  const { truth, operator, y } = problem(5, 8, 150, 0.1);
  const rng = new Rng(6);
  const u0 = rng.normalMatrix(8, 4, 0.1);
  const common = { y, step: usual, steps: 60, record: [1, 20, 60] };
  const { errors } = subgradientDescent({ ...common, operator, truth, u0 });
  const turned = subgradientDescent({
    ...common,
    operator,
    truth,
    u0: matmul(u0, haarOrthogonal(4, { rng })),
  });
  errors.forEach((error, i) => assertAlmostEquals(turned.errors[i], error, 1e-11));
  const given = Array.from({ length: 40 }, () => rng.normalMatrix(8, 8));
  const q = haarOrthogonal(8, { rng });
  const conjugate = (a: Matrix) => matmul(matmul(q, a), q, { transposeB: true });
  const plain = explicitOperator({ matrices: given });
  const moved = explicitOperator({ matrices: given.map(conjugate) });
  const measured = corrupt(plain.apply(truth), { outlierProbability: 0.2, rng });
  const one = subgradientDescent({ ...common, y: measured, operator: plain, truth, u0 });
  const two = subgradientDescent({
    ...common,
    y: measured,
    operator: moved,
    truth: conjugate(truth),
    u0: matmul(q, u0),
  });
  one.errors.forEach((error, i) => assertAlmostEquals(two.errors[i], error, 1e-10));
});

Deno.test("zero columns stay zero, zero is stationary, and so is the truth without noise", () => {
  const { truth, range, operator } = problem(7, 6, 80, 0);
  const y = operator.apply(truth);
  const common = { operator, y, step: usual, steps: 30, record: [30] };
  const padded = Matrix.from(6, 4, (i, j) => j < 2 ? 0.1 * range.get(i, j) + 0.01 * (i + j) : 0);
  const { u } = subgradientDescent({ ...common, u0: padded });
  for (const j of [2, 3]) assert(u.column(j).every((x) => x === 0));
  assertEquals(frobeniusNorm(subgradientDescent({ ...common, u0: Matrix.zeros(6, 3) }).u), 0);
  // Measured through the very product that the method forms, the residuals of the truth are exactly zero.
  const still = subgradientDescent({ ...common, truth, u0: range });
  assertEquals(still.losses, [0]);
  assertEquals(still.u.data, range.data);
});

Deno.test("scaling the data by 4 and the start by 2 doubles every iterate, bit for bit", () => {
  const { operator, y } = problem(8, 8, 120, 0.1);
  const u0 = signSpectralStart(operator, y, 8, 1e-3);
  for (const step of [usual, { kind: "constant", size: 0.1 }] as StepRule[]) {
    const common = { operator, step, steps: 200 };
    const one = subgradientDescent({ ...common, y, u0 });
    const four = subgradientDescent({ ...common, y: y.map((x) => 4 * x), u0: u0.times(2) });
    assertEquals(four.u.data, one.u.data.map((x) => 2 * x));
  }
});

Deno.test("with infinitely many measurements the error stays in the span of target and start", () => {
  const rng = new Rng(9);
  const truth = Matrix.diagonal([1, 0.6], 8, 8);
  const u0 = rng.normalMatrix(8, 3, 1e-2);
  // Later, where steps are longer than the error, rounding outside of the span would be amplified, too.
  const { u } = populationSubgradientDescent({ truth, u0, step: usual, steps: 150 });
  const basis = qr(Matrix.from(8, 5, (i, j) => j < 2 ? (i === j ? 1 : 0) : u0.get(i, j - 2))).q;
  const outside = u.minus(matmul(basis, matmul(basis, u, { transposeA: true })));
  assert(frobeniusNorm(outside) < 1e-14);
});

Deno.test("a small start finds the target among outliers of any size; a smaller start is more exact", () => {
  const last = (alpha: number, std: number) => {
    const { truth, operator, y } = problem(10, 12, 500, 0.1, std);
    const u0 = signSpectralStart(operator, y, 12, alpha);
    return subgradientDescent({ operator, y, truth, u0, step: usual, steps: 2000, record: [2000] }).errors[0];
  };
  const small = last(1e-5, 10);
  const large = last(1e-2, 10);
  assert(small < 1e-6 && large > 1e3 * small, `${small}, ${large}`);
  assertEquals(last(1e-5, 1e6), last(1e-5, 1e9));
});

Deno.test("the order of the measurements does not matter, although signs are discontinuous", () => {
  const rng = new Rng(11);
  const given = Array.from({ length: 150 }, () => rng.normalMatrix(8, 8));
  const truth = outer(qr(rng.normalMatrix(8, 2)).q);
  const order = rng.permutation(given.length);
  const operator = explicitOperator({ matrices: given });
  const shuffled = explicitOperator({ matrices: Array.from(order, (i) => given[i]) });
  const y = corrupt(operator.apply(truth), { outlierProbability: 0.1, outlier: (r) => 10 * r.normal(), rng });
  const u0 = signSpectralStart(operator, y, 8, 1e-3);
  const common = { truth, u0, step: usual, steps: 1000 };
  const one = subgradientDescent({ ...common, operator, y });
  const two = subgradientDescent({ ...common, operator: shuffled, y: Float64Array.from(order, (i) => y[i]) });
  one.errors.forEach((error, i) => assertAlmostEquals(two.errors[i], error, 1e-9 * error));
});

Deno.test("without noise, steps as long as the loss converge by themselves", () => {
  const { truth, operator, y } = problem(12, 8, 200, 0);
  const u0 = signSpectralStart(operator, y, 2, 1e-2);
  const step: StepRule = { kind: "loss", factor: 0.2 };
  const { errors } = subgradientDescent({ operator, y, truth, u0, step, steps: 800, record: [800] });
  assert(errors[0] < 1e-10, `${errors[0]}`);
  const exact = populationSubgradientDescent({ truth, u0, step, steps: 800, record: [800] });
  assert(exact.errors[0] < 1e-10, `${exact.errors[0]}`);
});

Deno.test("the step budget has the values of its formula", () => {
  const budget = (probability: number, decay: number, alpha: number) => {
    const phi = signRipScale(Math.SQRT2, { kind: "outliers", probability, std: 10 });
    return stepBudget({
      step: { kind: "geometric", first: 0.3, decay },
      steps: 5000,
      phi,
      sigmaR: 1,
      norm: Math.SQRT2,
      alpha,
    });
  };
  assertAlmostEquals(budget(0.1, 0.99, 1e-6).have, 15.5, 0.05);
  assertAlmostEquals(budget(0.1, 0.99, 1e-6).need, 14.8, 0.05);
  assertAlmostEquals(budget(0.1, 0.99, 1e-7).need, 17.1, 0.05);
  assertAlmostEquals(budget(0.5, 0.995, 1e-8).have, 19.3, 0.05);
  assertAlmostEquals(budget(0.5, 0.995, 1e-8).need, 19.4, 0.05);
  assertEquals([budget(0.1, 0.99, 1e-6).ok, budget(0.1, 0.99, 1e-7).ok, budget(0.5, 0.995, 1e-8).ok], [
    true,
    false,
    false,
  ]);
  assertEquals(
    stepBudget({ step: { kind: "constant", size: 0.1 }, steps: 50, phi: 0.5, sigmaR: 1, norm: 1, alpha: 0.5 })
      .have,
    2.5,
  );
});

Deno.test("corruption copies, and hits the same entries, about the given share, whatever the size", () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 0.9, noNaN: true }), (seed, outlierProbability) => {
      const y = new Float64Array(2000);
      const hit = (size: number) =>
        corrupt(y, { outlierProbability, outlier: (r) => size * r.normal(), rng: new Rng(seed) });
      const one = hit(1);
      const large = hit(1024);
      assertEquals(large, one.map((x) => 1024 * x));
      assert(y.every((x) => x === 0));
      const share = one.filter((x) => x !== 0).length / 2000;
      assertAlmostEquals(share, outlierProbability, 0.07);
    }),
    { numRuns: 30 },
  );
});

Deno.test("streamed measurements repeat themselves, and are isotropic", () => {
  const x = Matrix.from(5, 5, (i, j) => Math.cos(i + j));
  for (const symmetric of [false, true]) {
    const operator = streamedGaussianOperator({ rows: 5, measurements: 20000, rng: new Rng(1), symmetric });
    assertEquals(operator.apply(x), operator.apply(x));
    assertAlmostEquals(Math.hypot(...operator.apply(x)) / frobeniusNorm(x), 1, 0.03);
  }
});

Deno.test("divergence is a status, and keeps the last finite factor", () => {
  const { operator, y } = problem(13, 6, 60, 0.2, 1e9);
  const { status, u, lastStep } = subgradientDescent({
    operator,
    y,
    u0: Matrix.identity(6),
    loss: "squared",
    step: { kind: "constant", size: 0.1 },
    steps: 100,
  });
  assertEquals(status, "diverged");
  assert(lastStep < 100 && singularValues(u)[0] < 1e8);
});

Deno.test("bad input is refused by name", () => {
  const { operator, y, truth } = problem(14, 6, 30, 0);
  const u0 = Matrix.identity(6);
  const common = { operator, y, u0, step: usual, steps: 1 };
  const refuses = (body: () => unknown, message: string) => assertThrows(body, RangeError, message);
  refuses(() => subgradientDescent({ ...common, y: y.slice(1) }), "`y` must have length 30, got 29");
  refuses(() => subgradientDescent({ ...common, y: y.map(() => NaN) }), "Cannot fit `y`: entry 0 is NaN");
  refuses(
    () => subgradientDescent({ ...common, step: { kind: "geometric", first: 0.3, decay: 1.1 } }),
    "`step.decay` must be a finite number > 0 and <= 1, got 1.1",
  );
  refuses(
    () => subgradientDescent({ ...common, step: { kind: "geometric", first: 0, decay: 0.9 } }),
    "`step.first` must be a finite number > 0, got 0",
  );
  refuses(() => subgradientDescent({ ...common, u0: Matrix.identity(5) }), "`u0` must have 6 rows, got 5");
  refuses(
    () => subgradientDescent({ ...common, truth: Matrix.identity(5) }),
    "`truth` must be 6 x 6, got 5 x 5",
  );
  refuses(
    () => subgradientDescent({ ...common, u0: u0.map(() => Infinity) }),
    "Cannot start at `u0`: entry (0, 0) is Infinity",
  );
  refuses(
    () =>
      subgradientDescent({
        ...common,
        operator: gaussianOperator({ rows: 2, columns: 3, measurements: 30, rng: new Rng(0) }),
      }),
    "`operator` must measure square matrices, it has 2 x 3",
  );
  refuses(() => signSpectralStart(operator, y, 7, 1e-3), "`rank` must be an integer from 1 to 6, got 7");
  refuses(() => signSpectralStart(operator, y, 2, 0), "`alpha` must be a finite number > 0, got 0");
  refuses(
    () => corrupt(y, { outlierProbability: 1, rng: new Rng(0) }),
    "`outlierProbability` must be a finite number >= 0 and < 1, got 1",
  );
  refuses(() => signRipScale(-1), "`norm` must be a finite number >= 0, got -1");
  refuses(
    () =>
      populationSubgradientDescent({
        u0,
        step: usual,
        steps: 1,
        truth,
        noise: { kind: "outliers", probability: 2, std: 1 },
      }),
    "`noise.probability` must be a finite number >= 0 and < 1, got 2",
  );
  refuses(
    () => explicitOperator({ matrices: [] }),
    "`matrices.length` must be an integer of at least 1, got 0",
  );
  refuses(
    () =>
      streamedGaussianOperator({ rows: 2, columns: 3, measurements: 4, symmetric: true, rng: new Rng(0) }),
    "`columns` must equal `rows` = 2, got 3",
  );
});
