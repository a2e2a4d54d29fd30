/**
 * What the functions of `refigure/sensing` do with names that are none of theirs, contradictions, other units
 * and long vectors.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { gram, matmul } from "refigure/blas";
import { eigh, frobeniusNorm } from "refigure/linalg";
import { solveOde } from "refigure/numerics";
import {
  asymmetricGradientDescent,
  corrupt,
  entryOperator,
  explicitOperator,
  gaussianOperator,
  imbalance,
  type MeasurementOperator,
  populationOperator,
  populationSubgradientDescent,
  predictedRate,
  rankOneOperator,
  rebalanceFactors,
  recordingSteps,
  riccatiFlow,
  signRipScale,
  signSpectralStart,
  stepBudget,
  streamedGaussianOperator,
  subgradientDescent,
  symmetricGaussianOperator,
  symmetricGradientDescent,
} from "refigure/sensing";

const rng = () => new Rng(0);
const truth = Matrix.diagonal([2, 1, 0, 0]);
const sizes = { rows: 4, measurements: 30 };
const operator = symmetricGaussianOperator({ ...sizes, scale: 1, rng: rng() });
const y = operator.apply(truth);
const u0 = Matrix.identity(4).times(0.1);
const descent = { operator, target: { matrix: truth }, stepSize: 0.1 / 30, steps: 3 };
const constant = { kind: "constant", size: 0.1 } as const;
const subgradient = { operator, y, u0, step: constant, steps: 3 };

Deno.test("names that are none of the allowed ones are refused", () => {
  const cases: [string, () => unknown][] = [
    ["`loss`", () => subgradientDescent({ ...subgradient, loss: "Absolute" as never })],
    ["`noise.kind`", () => signRipScale(1, { kind: "laplace", std: 1 } as never)],
    [
      "`noise.kind`",
      () =>
        populationSubgradientDescent({ truth, u0, step: constant, steps: 1, noise: { kind: "x" } as never }),
    ],
    [
      "`step.kind`",
      () => subgradientDescent({ ...subgradient, step: { kind: "Constant", size: 1 } as never }),
    ],
    [
      "`step.kind`",
      () => stepBudget({ step: { kind: "x" } as never, steps: 1, phi: 1, sigmaR: 1, norm: 1, alpha: 0.1 }),
    ],
  ];
  for (const [name, run] of cases) assertThrows(run, TypeError, `${name} must be "`);
});

Deno.test("unknown options are refused with the nearest name", () => {
  const factors = { f0: u0, g0: u0 };
  const cases: [string, () => unknown][] = [
    ["stepSize", () => symmetricGradientDescent({ ...descent, x0: u0, stepsize: 1 } as never)],
    ["rebalance", () => asymmetricGradientDescent({ ...descent, ...factors, rebalanced: {} } as never)],
    ["beta", () => asymmetricGradientDescent({ ...descent, ...factors, rebalance: { bta: 1 } } as never)],
    ["matrix", () => symmetricGradientDescent({ ...descent, x0: u0, target: { matrx: truth } } as never)],
    ["truth", () => subgradientDescent({ ...subgradient, thruth: truth } as never)],
    [
      "decay",
      () => subgradientDescent({ ...subgradient, step: { kind: "geometric", first: 1, decy: 1 } as never }),
    ],
    ["scale", () => gaussianOperator({ ...sizes, rng: rng(), scal: 1 } as never)],
    ["scale", () => symmetricGaussianOperator({ ...sizes, rng: rng(), scal: 1 } as never)],
    ["symmetric", () => streamedGaussianOperator({ ...sizes, rng: rng(), symetric: true } as never)],
    ["columns", () => entryOperator({ ...sizes, measurements: 3, rng: rng(), column: 4 } as never)],
    ["columns", () => rankOneOperator({ ...sizes, rng: rng(), column: 4 } as never)],
    ["columns", () => populationOperator(4, { column: 4 } as never)],
    ["matrices", () => explicitOperator({ matrices: [truth], matrics: 1 } as never)],
    ["outlierProbability", () => corrupt(y, { outlierprobability: 0.1, rng: rng() } as never)],
    ["every", () => recordingSteps(10, { evry: 2 } as never)],
    ["score", () => operator.residualAdjoint(truth, y, { scor: Math.sign } as never)],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`did you mean "${name}"`), message);
  }
});

Deno.test("values of the wrong class are refused by name", () => {
  const cases: [string, () => unknown][] = [
    [
      "`operator` must be a measurement operator, got null",
      () => symmetricGradientDescent({ ...descent, operator: null as never, x0: u0 }),
    ],
    ["`x0` must be a Matrix, got undefined", () => symmetricGradientDescent(descent as never)],
    ["`u0` must be a Matrix, got an Array", () => subgradientDescent({ ...subgradient, u0: [[1]] as never })],
    ["`y` must be a Float64Array", () => subgradientDescent({ ...subgradient, y: [...y] as never })],
    ["`rng` must be an Rng, got undefined", () => gaussianOperator(sizes as never)],
    ["`rng` must be an Rng, got 3", () => entryOperator({ ...sizes, measurements: 3, rng: 3 as never })],
    ["`matrix` must be a Matrix", () => operator.apply([1] as never)],
    ["`weights` must be a Float64Array", () => operator.adjoint([1] as never)],
    ["`matrices[1]` must be a Matrix", () => explicitOperator({ matrices: [truth, null as never] })],
    [
      "`onRecord` must be a function",
      () => symmetricGradientDescent({ ...descent, x0: u0, onRecord: 1 as never }),
    ],
    ["`score` must be a function", () => operator.residualAdjoint(truth, y, { score: "sign" as never })],
    ["`y` must be an array of numbers", () => corrupt("1" as never, { rng: rng() })],
    [
      "`symmetric` must be true or false",
      () => streamedGaussianOperator({ ...sizes, rng: rng(), symmetric: "no" as never }),
    ],
    [
      "`truth` must be a Matrix",
      () => populationSubgradientDescent({ truth: null as never, u0, step: constant, steps: 1 }),
    ],
    [
      "`x0.data` must be a Float64Array",
      () => symmetricGradientDescent({ ...descent, x0: u0.astype("float32") as never }),
    ],
  ];
  for (const [message, run] of cases) assertThrows(run, TypeError, message);
});

Deno.test("a target is a matrix or measurements, not both and not neither", () => {
  const both = { matrix: truth, measurements: y };
  assertThrows(
    () => symmetricGradientDescent({ ...descent, x0: u0, target: both }),
    TypeError,
    "`target` must have a `matrix` or `measurements`, got both",
  );
  assertThrows(
    () => symmetricGradientDescent({ ...descent, x0: u0, target: {} as never }),
    TypeError,
    "got neither",
  );
});

Deno.test("steps to record: each once, whatever their order; no list without end", () => {
  for (const record of [[0, 5, 5, 10], [10, 5, 0], [5, 0, 10, 99]]) {
    const { steps, errors } = symmetricGradientDescent({ ...descent, x0: u0, steps: 10, record });
    assertEquals([steps, errors.length], [[0, 5, 10], 3]);
    assertEquals(subgradientDescent({ ...subgradient, steps: 10, record }).steps, [0, 5, 10]);
  }
  assertThrows(
    () => symmetricGradientDescent({ ...descent, x0: u0, record: [0.5] }),
    RangeError,
    "`record[0]` must be an integer of at least 0, got 0.5",
  );
  assertThrows(() => recordingSteps(10, { count: Infinity }), RangeError, "`count`");
  assertThrows(() => recordingSteps(10, { count: 1e308 }), RangeError, "`count`");
  assertThrows(() => recordingSteps(10, { every: 0 }), RangeError, "`every`");
  assertThrows(() => recordingSteps(1e12, { every: 1 }), RangeError, "`every`");
  assertThrows(() => symmetricGradientDescent({ ...descent, x0: u0, steps: 1e308 }), RangeError, "`steps`");
  assertEquals(recordingSteps(10, { count: 1e5 }).length, 11);
});

Deno.test("runs are the same in any units: divergence is judged by the start and the target", () => {
  const measured = gaussianOperator({ rows: 4, measurements: 30, rng: rng() });
  const population = populationOperator(4);
  for (const unit of [1e-18, 1, 1e18, 1e120]) {
    // X X^T in units of `unit`: X in those of its root, the step in those of its inverse.
    const target = truth.times(unit);
    const x0 = new Rng(3).normalMatrix(4, 3, 0.3 * Math.sqrt(unit));
    const common = { stepSize: 0.1 / unit, steps: 200, x0 };
    const runs = [
      symmetricGradientDescent({ ...common, operator: population, target: { matrix: target } }),
      symmetricGradientDescent({ ...common, operator: measured, target: { matrix: target } }),
      symmetricGradientDescent({
        ...common,
        operator: measured,
        target: { measurements: measured.apply(target) },
      }),
    ];
    for (const { status, advice, factors } of runs) {
      assertEquals([status, advice], ["finished", null]);
      const product = gram(factors.f, { side: "right" });
      assert(frobeniusNorm(product.minus(target)) < 5e-2 * frobeniusNorm(target), `in units of ${unit}`);
    }
    // A sign has no unit, so only steps by the loss have one.
    const rules = [
      { kind: "constant", size: 0.02 },
      { kind: "geometric", first: 0.02, decay: 0.999 },
      { kind: "loss", factor: 0.02 / unit },
    ] as const;
    for (const step of rules) {
      const run = subgradientDescent({ operator, y: y.map((x) => x * unit), u0: x0, step, steps: 100 });
      assertEquals(run.status, "finished");
    }
    const tooLong = symmetricGradientDescent({
      ...common,
      stepSize: 3 / unit,
      operator: population,
      target: { matrix: target },
    });
    assertEquals(tooLong.status, "diverged");
    assert(tooLong.advice!.includes("reduce `stepSize`") && tooLong.lastStep < 30);
    assert(tooLong.factors.f.data.every(Number.isFinite));
  }
  // A start far below the target may grow by far more than 1e8 on the way.
  const tiny = subgradientDescent({
    ...subgradient,
    u0: u0.times(1e-11),
    step: { kind: "constant", size: 0.05 },
    steps: 1500,
  });
  assertEquals(tiny.status, "finished");
  assert(frobeniusNorm(gram(tiny.u, { side: "right" })) > 1);
});

Deno.test("both kinds of descent give residuals and losses", () => {
  const record = [0, 3];
  const { residuals, losses } = symmetricGradientDescent({ ...descent, x0: u0, record });
  residuals.forEach((r, i) => assertAlmostEquals(losses[i], r * r / 4, 1e-12 * r * r));
  const asymmetric = asymmetricGradientDescent({ ...descent, f0: u0, g0: u0, record });
  asymmetric.residuals.forEach((r, i) => assertAlmostEquals(asymmetric.losses[i], r * r / 2, 1e-12 * r * r));
  const start = operator.residualAdjoint(gram(u0, { side: "right" }), y);
  for (const loss of ["absolute", "squared"] as const) {
    const run = subgradientDescent({ ...subgradient, loss, record });
    assertAlmostEquals(run.residuals[0], start.norm, 1e-12);
    const m = operator.measurements;
    const expected = loss === "absolute" ? start.absolute / (2 * m) : start.norm ** 2 / (4 * m);
    assertAlmostEquals(run.losses[0], expected, 1e-12);
  }
  // With infinitely many measurements: sqrt(E (<A, X> - s)^2), here with a tenth of outliers of size 3.
  const population = populationSubgradientDescent({
    truth,
    u0,
    step: constant,
    steps: 1,
    record: [0],
    noise: { kind: "outliers", probability: 0.1, std: 3 },
  });
  assertAlmostEquals(population.residuals[0] ** 2, population.errors[0] ** 2 + 0.9, 1e-12);
});

Deno.test("measurements of any kind of array are corrupted in float64", () => {
  const noisy = corrupt(Int32Array.of(1, 2, 3), { gaussianStd: 0.1, rng: rng() });
  const expected = corrupt(Float64Array.of(1, 2, 3), { gaussianStd: 0.1, rng: rng() });
  assertEquals(noisy, expected);
  assert(noisy.some((x) => !Number.isInteger(x)));
  assert(corrupt([0, 0], { outlierProbability: 0.99, outlier: () => NaN, rng: rng() }).some(Number.isNaN));
  assertThrows(
    () => corrupt(y, { outlierProbability: 0.5, outlier: () => "9" as never, rng: rng() }),
    TypeError,
    "`outlier()` must be a number",
  );
});

Deno.test("the Riccati flow at any time, against the differential equation and its limit", () => {
  const g = new Rng(5).normalMatrix(4, 4);
  const m = g.plus(g.transpose());
  const x0 = new Rng(6).normalMatrix(4, 2, 0.1);
  const flow = (_t: number, x: Float64Array, dx: Float64Array) => {
    const X = new Matrix(4, 2, x.slice());
    dx.set(matmul(m.minus(gram(X, { side: "right" })), X).data);
  };
  const times = [0, 0.5, 3];
  const { states } = solveOde(flow, x0.data, times, { rtol: 1e-11, atol: 1e-13 });
  times.forEach((t, i) => {
    const expected = gram(new Matrix(4, 2, states.row(i).slice()), { side: "right" });
    assert(frobeniusNorm(riccatiFlow(m, x0, t).minus(expected)) < 1e-8, `t = ${t}`);
  });
  // In the end the two columns are on the two largest eigenvalues, as far as they are positive.
  const { values, vectors } = eigh(m);
  assert(values[2] > 0 && values[3] > values[2]);
  const top = vectors.slice(0, 4, 2, 4);
  const limit = matmul(top.map((x, _, j) => x * values[2 + j]), top, { transposeB: true });
  for (const t of [300, 1e4, 1e9]) {
    assert(frobeniusNorm(riccatiFlow(m, x0, t).minus(limit)) < 1e-9 * frobeniusNorm(limit), `t = ${t}`);
  }
  assertThrows(() => riccatiFlow(g, x0, 1), RangeError, "`m` must be symmetric, but entry (1, 0) is");
  assertThrows(() => riccatiFlow(Matrix.zeros(4, 3), x0, 1), RangeError, "`m` must be square");
  assertThrows(() => riccatiFlow(m, Matrix.zeros(3, 2), 1), RangeError, "`x0` must have 4 rows");
  assertThrows(() => riccatiFlow(m, x0.map(() => NaN), 1), RangeError, "Cannot start at `x0`");
});

Deno.test("factors: other numbers of rows are right, other numbers of columns and NaN are refused", () => {
  const f = new Rng(1).normalMatrix(6, 2);
  const g = new Rng(2).normalMatrix(5, 2);
  const expected = matmul(f, f, { transposeA: true }).minus(matmul(g, g, { transposeA: true }));
  assert(frobeniusNorm(imbalance(f, g).minus(expected)) < 1e-13);
  const wide = Matrix.zeros(5, 3);
  for (const run of [() => imbalance(f, wide), () => rebalanceFactors(f, wide, 1)]) {
    assertThrows(run, RangeError, "`g` must have 2 columns as `f` has, got 3");
  }
  assertThrows(
    () => rebalanceFactors(f, g.map(() => NaN), 1),
    RangeError,
    "Cannot rebalance `g`: entry (0, 0)",
  );
  const population = populationOperator(6, { columns: 5 });
  assertThrows(() => predictedRate(f, f, population, 0.1), RangeError, "must have 6 and 5 rows");
  assertThrows(
    () => predictedRate(Matrix.zeros(6, 2), Matrix.zeros(5, 2), population, 0.1),
    RangeError,
    "`f` and `g` are zero",
  );
  // One number a b: the error is multiplied by 1 - stepSize (a^2 + b^2), here -3.
  const rate = predictedRate(Matrix.fromRows([[2]]), Matrix.fromRows([[0]]), populationOperator(1), 1);
  assertAlmostEquals(rate, Math.log(3), 1e-12);
});

Deno.test("targets with 150,000 rows do not overflow the stack", () => {
  const n = 150_000;
  const matrix = Matrix.from(n, 1, () => 1 / Math.sqrt(n));
  const { errors } = asymmetricGradientDescent({
    operator: populationOperator(n, { columns: 1 }),
    target: { matrix },
    f0: matrix.times(0.5),
    g0: Matrix.fromRows([[0.5]]),
    stepSize: 0.5,
    steps: 5,
    record: [0, 5],
  });
  assert(errors[1] < 0.1 * errors[0]);
});

Deno.test("an operator of the caller's own is checked once and used", () => {
  const own: MeasurementOperator = { ...operator, apply: operator.apply.bind(operator) };
  assertEquals(signSpectralStart(own, y, 2, 0.1).rows, 4);
  assertThrows(
    () => signSpectralStart({ ...own, adjoint: undefined } as never, y, 2, 0.1),
    TypeError,
    "`operator.adjoint` must be a function",
  );
});
