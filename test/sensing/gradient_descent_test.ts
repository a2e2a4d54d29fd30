import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm, haarOrthogonal } from "../../lib/linalg/mod.ts";
import { fitExponential } from "../../lib/statistics/mod.ts";
import {
  asymmetricGradientDescent,
  entryOperator,
  gaussianOperator,
  imbalance,
  type MeasurementOperator,
  populationOperator,
  predictedRate,
  rankOneOperator,
  rebalanceFactors,
  recordingSteps,
  riccatiFlow,
  symmetricGaussianOperator,
  symmetricGradientDescent,
} from "../../lib/sensing/mod.ts";

const number = (x: number) => Matrix.fromRows([[x]]);
const close = (a: Matrix, b: Matrix, tolerance: number) => assert(frobeniusNorm(a.plus(b, -1)) <= tolerance);
const target = Matrix.diagonal([1, 0.8, 0.5], 8, 8);

function operators(rows: number, columns: number): Record<string, MeasurementOperator> {
  const rng = new Rng(1);
  return {
    "gaussian few": gaussianOperator({ rows, columns, measurements: 7, rng }),
    "gaussian many": gaussianOperator({ rows, columns, measurements: 60, rng }),
    "rank one": rankOneOperator({ rows, columns, measurements: 20, rng }),
    entries: entryOperator({ rows, columns, measurements: 11, rng }),
    ...(rows === columns
      ? { "symmetric gaussian": symmetricGaussianOperator({ rows, measurements: 40, rng }) }
      : {}),
  };
}

Deno.test("every operator's adjoint is its adjoint, and the fused pass agrees with the two", () => {
  for (const [rows, columns] of [[6, 6], [4, 7]]) {
    for (const [name, operator] of Object.entries(operators(rows, columns))) {
      const rng = new Rng(2);
      const m = operator.measurements;
      let matrix = rng.normalMatrix(rows, columns);
      if (name.startsWith("symmetric")) matrix = matrix.plus(matrix.transpose());
      const y = rng.normals(m);
      const w = rng.normals(m);
      const measured = operator.apply(matrix);
      const adjoint = operator.adjoint(w);
      let left = 0;
      let right = 0;
      for (let i = 0; i < m; i++) left += measured[i] * w[i];
      for (let i = 0; i < matrix.data.length; i++) right += matrix.data[i] * adjoint.data[i];
      assertAlmostEquals(left, right, 1e-12 * Math.max(1, Math.abs(left)), name);
      const { gradient, norm } = operator.residualAdjoint(matrix, y);
      const residual = measured.map((x, i) => x - y[i]);
      assertAlmostEquals(norm, Math.hypot(...residual), 1e-12 * norm);
      close(gradient, operator.adjoint(residual), 1e-11);
      close(operator.normal(matrix), operator.adjoint(measured), 1e-11);
    }
  }
});

Deno.test("measurements are isotropic on average", () => {
  const rng = new Rng(3);
  const x = rng.normalMatrix(5, 5);
  const symmetric = x.plus(x.transpose());
  for (const make of [gaussianOperator, symmetricGaussianOperator, rankOneOperator]) {
    const operator = make({ rows: 5, measurements: 20000, rng });
    const ratio = Math.hypot(...operator.apply(symmetric)) / frobeniusNorm(symmetric);
    assertAlmostEquals(ratio, 1, 0.05, make.name);
  }
});

Deno.test("numbers follow the scalar recursions (60-digit values)", () => {
  const record = [1, 10, 100, 1000];
  const common = { operator: populationOperator(1), stepSize: 0.1, steps: 1000, record };
  const zero = { matrix: number(0) };
  const symmetric = symmetricGradientDescent({ ...common, target: zero, x0: number(0.5) });
  [0.23765625, 0.1649209342845056, 0.041197776058656, 0.0048877441813629].forEach((p, i) =>
    assertAlmostEquals(symmetric.errors[i], p, 1e-14)
  );
  symmetric.errors.forEach((p, i) => assert(1 / p >= 1 / 0.25 + 2 * 0.1 * record[i]));
  const asymmetric = asymmetricGradientDescent({
    ...common,
    target: zero,
    f0: number(1 / 2),
    g0: number(1 / 6),
  });
  [0.08102430555555556, 0.0636115187953203, 0.00783662708407845, 1.32494026087417e-11].forEach((p, i) =>
    assertAlmostEquals(asymmetric.errors[i], p, 1e-13 * p + 1e-17)
  );
  const c = [0.2222067901234568, 0.2221002104928721, 0.2219132052878679, 0.2219101040605611];
  record.forEach((steps, i) => {
    const { factors } = asymmetricGradientDescent({
      ...common,
      steps,
      target: zero,
      f0: number(1 / 2),
      g0: number(1 / 6),
    });
    assertAlmostEquals(imbalance(factors.f, factors.g).get(0, 0), c[i], 1e-14);
  });
});

Deno.test("the asymmetric flow has the closed form in sinh", () => {
  const c = 2 / 9;
  const p0 = 1 / 12;
  const closed = (t: number) => c / 2 / Math.sinh(c * t + Math.asinh(c / (2 * p0)));
  assertAlmostEquals(closed(1), 0.06386367454789506, 1e-15);
  assertAlmostEquals(closed(10), 0.008037749016964808, 1e-16);
  assertAlmostEquals(closed(100), 1.6545418045949e-11, 1e-23);
  // Gradient descent tends to the flow as its step goes to 0, in first order.
  const gap = (stepSize: number) => {
    const { errors } = asymmetricGradientDescent({
      operator: populationOperator(1),
      target: { matrix: number(0) },
      f0: number(1 / 2),
      g0: number(1 / 6),
      stepSize,
      steps: Math.round(10 / stepSize),
      record: [Math.round(10 / stepSize)],
    });
    return Math.abs(errors[0] - closed(10));
  };
  assertAlmostEquals(gap(0.01) / gap(0.001), 10, 0.3);
});

Deno.test("the Riccati flow has its closed form, and gradient descent tends to it in first order", () => {
  const m = Matrix.diagonal([1, 0]);
  const x0 = Matrix.fromRows([[0.3, 0.1], [0.2, -0.4]]);
  const one = riccatiFlow(m, x0, 1);
  const five = riccatiFlow(m, x0, 5);
  const expected: [Matrix, number[]][] = [
    [one, [0.4492775852135, 0.023747124566, 0.1420597814533]],
    [five, [0.9995854374399, 0.0004550779526, 0.066216423398]],
  ];
  for (const [s, [a, b, d]] of expected) {
    assertAlmostEquals(s.get(0, 0), a, 1e-12);
    assertAlmostEquals(s.get(0, 1), b, 1e-12);
    assertAlmostEquals(s.get(1, 0), b, 1e-12);
    assertAlmostEquals(s.get(1, 1), d, 1e-12);
  }
  for (const [stepSize, gap] of [[1e-3, 7.357e-6], [1e-4, 7.356e-7]]) {
    const steps = Math.round(5 / stepSize);
    const { factors } = symmetricGradientDescent({
      operator: populationOperator(2),
      target: { matrix: m },
      x0,
      stepSize,
      steps,
      record: [],
    });
    const difference = gram(factors.f, { side: "right" }).plus(five, -1).data.map(Math.abs);
    assertAlmostEquals(Math.max(...difference), gap, 2e-3 * gap);
  }
  // At long times the growing mode has its target, and the neutral one decays like 1 / 2t.
  const late = riccatiFlow(m, x0, 1e4);
  assertAlmostEquals(late.get(0, 0), 1, 1e-12);
  assertAlmostEquals(late.get(1, 1), 1 / 2e4, 3e-8);
});

Deno.test("the population step is the dense step", () => {
  const rng = new Rng(4);
  const [n1, n2, k] = [7, 5, 3];
  const sigma = matmul(rng.normalMatrix(n1, 2), rng.normalMatrix(n2, 2), { transposeB: true });
  const f = rng.normalMatrix(n1, k);
  const g = rng.normalMatrix(n2, k);
  const { factors } = asymmetricGradientDescent({
    operator: populationOperator(n1, { columns: n2 }),
    target: { matrix: sigma },
    f0: f,
    g0: g,
    stepSize: 0.01,
    steps: 1,
  });
  const m = matmul(f, g, { transposeB: true }).plus(sigma, -1);
  close(factors.f, f.plus(matmul(m, g), -0.01), 1e-13);
  close(factors.g, g.plus(matmul(m, f, { transposeA: true }), -0.01), 1e-13);
});

Deno.test("a long population run, in its subspace, is the same as its steps one by one", () => {
  const rng = new Rng(40);
  const [n1, n2, k] = [40, 30, 3];
  const sigma = matmul(rng.normalMatrix(n1, 2, 0.2), rng.normalMatrix(n2, 2, 0.2), { transposeB: true });
  const square = gram(rng.normalMatrix(n1, 2, 0.2), { side: "right" });
  const f0 = rng.normalMatrix(n1, k, 0.1);
  const g0 = rng.normalMatrix(n2, k, 0.05);
  const long = { stepSize: 0.1, steps: 60, record: [0, 60] };
  const short = { ...long, steps: 1, record: [] };
  const wide = { operator: populationOperator(n1, { columns: n2 }), target: { matrix: sigma } };
  const high = { operator: populationOperator(n1), target: { matrix: square } };
  let pair = { f: f0, g: g0 };
  let x = f0;
  for (let t = 0; t < 60; t++) {
    pair = asymmetricGradientDescent({ ...wide, ...short, f0: pair.f, g0: pair.g }).factors;
    x = symmetricGradientDescent({ ...high, ...short, x0: x }).factors.f;
  }
  const asymmetric = asymmetricGradientDescent({ ...wide, ...long, f0, g0 });
  close(asymmetric.factors.f, pair.f, 1e-13);
  close(asymmetric.factors.g, pair.g, 1e-13);
  const error = frobeniusNorm(matmul(pair.f, pair.g, { transposeB: true }).minus(sigma));
  assertAlmostEquals(asymmetric.errors[1], error, 1e-13);
  close(symmetricGradientDescent({ ...high, ...long, x0: f0 }).factors.f, x, 1e-13);
});

Deno.test("the imbalance changes by its exact law, which a sequential update breaks", () => {
  const rng = new Rng(5);
  const stepSize = 0.05;
  const f = rng.normalMatrix(8, 3, 0.3);
  const g = rng.normalMatrix(8, 3, 0.2);
  const m = matmul(f, g, { transposeB: true }).plus(target, -1);
  const mg = matmul(m, g);
  const mf = matmul(m, f, { transposeA: true });
  const predicted = imbalance(f, g).plus(gram(mg).plus(gram(mf), -1), stepSize ** 2);
  const { factors } = asymmetricGradientDescent({
    operator: populationOperator(8),
    target: { matrix: target },
    f0: f,
    g0: g,
    stepSize,
    steps: 1,
  });
  close(imbalance(factors.f, factors.g), predicted, 1e-14);
  const sequential = g.plus(matmul(m, factors.f, { transposeA: true }), -stepSize);
  assert(frobeniusNorm(imbalance(factors.f, sequential).plus(predicted, -1)) > 1e-4);
});

Deno.test("measurements alone lead the same way as the known target", () => {
  const rng = new Rng(6);
  for (
    const operator of [
      gaussianOperator({ rows: 8, measurements: 50, rng }),
      gaussianOperator({ rows: 8, measurements: 20, rng }),
    ]
  ) {
    const start = { f0: rng.normalMatrix(8, 2, 0.2), g0: rng.normalMatrix(8, 2, 0.1) };
    const common = { operator, ...start, stepSize: 0.05, steps: 30 };
    const known = asymmetricGradientDescent({ ...common, target: { matrix: target } });
    const blind = asymmetricGradientDescent({ ...common, target: { measurements: operator.apply(target) } });
    close(known.factors.f, blind.factors.f, 1e-12);
    assertEquals(blind.errors, []);
    known.residuals.forEach((r, i) => assertAlmostEquals(blind.residuals[i], r, 1e-12));
  }
});

Deno.test("the gradient is that of the loss", () => {
  const rng = new Rng(7);
  const operator = gaussianOperator({ rows: 5, columns: 4, measurements: 12, rng });
  const y = rng.normals(12);
  const m = rng.normalMatrix(5, 4);
  const direction = rng.normalMatrix(5, 4);
  const loss = (t: number) => operator.residualAdjoint(m.plus(direction, t), y).norm ** 2 / 2;
  const slope = (loss(1e-5) - loss(-1e-5)) / 2e-5;
  const { gradient } = operator.residualAdjoint(m, y);
  let inner = 0;
  for (let i = 0; i < gradient.data.length; i++) inner += gradient.data[i] * direction.data[i];
  assertAlmostEquals(slope, inner, 1e-7 * Math.max(1, Math.abs(inner)));
});

Deno.test("rotating the factors, or everything, leaves the errors as they are", () => {
  const rng = new Rng(8);
  const f0 = rng.normalMatrix(8, 4, 0.3);
  const g0 = rng.normalMatrix(8, 4, 0.1);
  const common = { operator: populationOperator(8), stepSize: 0.1, steps: 200, record: [1, 50, 200] };
  const { errors } = asymmetricGradientDescent({ ...common, target: { matrix: target }, f0, g0 });
  const q = haarOrthogonal(4, { rng });
  const u = haarOrthogonal(8, { rng });
  const turned = asymmetricGradientDescent({
    ...common,
    target: { matrix: target },
    f0: matmul(f0, q),
    g0: matmul(g0, q),
  });
  const all = asymmetricGradientDescent({
    ...common,
    target: { matrix: matmul(matmul(u, target), u, { transposeB: true }) },
    f0: matmul(u, f0),
    g0: matmul(u, g0),
  });
  errors.forEach((error, i) => {
    assertAlmostEquals(turned.errors[i], error, 1e-12);
    assertAlmostEquals(all.errors[i], error, 1e-12);
  });
});

Deno.test("rebalancing keeps the product and makes the left factor orthogonal, whatever the rank", () => {
  const rng = new Rng(9);
  for (
    const f of [
      rng.normalMatrix(9, 4),
      matmul(rng.normalMatrix(9, 2), rng.normalMatrix(2, 4)),
      Matrix.zeros(9, 4),
    ]
  ) {
    const g = rng.normalMatrix(6, 4);
    const next = rebalanceFactors(f, g, 0.7);
    close(matmul(next.f, next.g, { transposeB: true }), matmul(f, g, { transposeB: true }), 1e-12);
    close(gram(next.f), Matrix.identity(4).map((x) => 0.49 * x), 1e-12);
  }
});

Deno.test("the predicted rate is what the run has", () => {
  const rng = new Rng(10);
  const operator = gaussianOperator({ rows: 6, measurements: 60, rng });
  const sigma = Matrix.diagonal([1, 0.7], 6, 6);
  const { errors, steps, factors } = asymmetricGradientDescent({
    operator,
    target: { matrix: sigma },
    f0: rng.normalMatrix(6, 2, 0.4),
    g0: rng.normalMatrix(6, 2, 0.2),
    stepSize: 0.1,
    steps: 2000,
    record: recordingSteps(2000, { every: 5 }),
  });
  const late = steps.flatMap((step, i) =>
    errors[i] > 1e-12 && errors[i] < 1e-7 ? [{ step, error: errors[i] }] : []
  );
  const { slope } = fitExponential(late.map(({ step }) => step), late.map(({ error }) => error));
  assertAlmostEquals(slope / predictedRate(factors.f, factors.g, operator, 0.1), 1, 0.06);
});

Deno.test("degenerate starts and sizes behave as in theory", () => {
  const rng = new Rng(11);
  const run = (k: number, x0 = rng.normalMatrix(8, k, 0.3), steps = 4000) =>
    symmetricGradientDescent({
      operator: populationOperator(8),
      target: { matrix: target },
      x0,
      stepSize: 0.1,
      steps,
      record: [steps],
    });
  // A saddle stays one.
  assertEquals(frobeniusNorm(run(2, Matrix.zeros(8, 2), 50).factors.f), 0);
  // Too few columns: what is left out is the error.
  assertAlmostEquals(run(1).errors[0], Math.hypot(0.8, 0.5), 1e-9);
  assertAlmostEquals(run(2).errors[0], 0.5, 1e-9);
  // More columns than rows: the null space has n - r dimensions.
  assertAlmostEquals(2 * 0.1 * 4000 * run(12).errors[0] / Math.sqrt(8 - 3), 1, 0.05);
});

Deno.test("divergence is a status, not an exception, and keeps the last finite factors", () => {
  const { status, lastStep, factors } = symmetricGradientDescent({
    operator: populationOperator(8),
    target: { matrix: target },
    x0: new Rng(12).normalMatrix(8, 3, 3),
    stepSize: 1,
    steps: 100,
  });
  assertEquals(status, "diverged");
  assert(lastStep < 100 && factors.f.data.every(Number.isFinite));
});

Deno.test("bad input is refused by name", () => {
  const operator = populationOperator(8);
  const x0 = Matrix.zeros(8, 2);
  const common = { operator, target: { matrix: target }, stepSize: 0.1, steps: 1 };
  const refuses = (body: () => unknown, message: string) => assertThrows(body, RangeError, message);
  refuses(
    () => symmetricGradientDescent({ ...common, x0: Matrix.zeros(7, 2) }),
    "`x0` must have 8 rows, got 7",
  );
  refuses(
    () => symmetricGradientDescent({ ...common, x0, stepSize: 0 }),
    "`stepSize` must be a finite number > 0, got 0",
  );
  refuses(() => symmetricGradientDescent({ ...common, x0, steps: 1.5 }), "`steps` must be an integer");
  refuses(
    () => symmetricGradientDescent({ ...common, x0: x0.map(() => NaN) }),
    "Cannot start at `x0`: entry (0, 0) is NaN",
  );
  refuses(
    () => symmetricGradientDescent({ ...common, x0: Matrix.zeros(8, 0) }),
    "`x0.columns` must be an integer of at least 1",
  );
  refuses(
    () => symmetricGradientDescent({ ...common, x0, target: { matrix: Matrix.zeros(7, 7) } }),
    "`target.matrix` must be 8 x 8, got 7 x 7",
  );
  refuses(
    () => asymmetricGradientDescent({ ...common, f0: x0, g0: Matrix.zeros(8, 3) }),
    "`g0` must have 2 columns as `f0` has, got 3",
  );
  const measured = gaussianOperator({ rows: 8, measurements: 5, rng: new Rng(0) });
  refuses(
    () =>
      symmetricGradientDescent({
        ...common,
        x0,
        operator: measured,
        target: { measurements: new Float64Array(4) },
      }),
    "`target.measurements` must have length 5, got 4",
  );
  refuses(
    () => gaussianOperator({ rows: 0, measurements: 5, rng: new Rng(0) }),
    "`rows` must be an integer of at least 1, got 0",
  );
  refuses(() => rebalanceFactors(x0, x0, -1), "`beta` must be a finite number > 0, got -1");
  refuses(
    () => entryOperator({ rows: 2, measurements: 5, rng: new Rng(0) }),
    "`measurements` must be an integer from 1 to 4, got 5",
  );
});
