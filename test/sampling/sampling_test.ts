import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { eigh, SingularMatrixError } from "../../lib/linalg/mod.ts";
import { gaussHermite, gaussLegendre } from "../../lib/numerics/mod.ts";
import {
  type Design,
  designGram,
  type DesignKind,
  designKinds,
  discreteSpace,
  FunctionSpace,
  hermiteSpace,
  isWellConditioned,
  legendreSpace,
  orthonormalColumns,
  repetitionFactor,
  sampleDesign,
  volumeDensity,
  weightedLeastSquares,
} from "../../lib/sampling/mod.ts";
import { polynomialEvaluator } from "../../lib/polynomials/mod.ts";
import { tridiagonalEigenvalues } from "../../lib/sampling/tridiagonal_eigenvalues.ts";
import { withoutKernels } from "../../lib/wasm/compiled.ts";

/** Straight lines on 0, 1, ..., 5. */
const six = discreteSpace(orthonormalColumns(Matrix.from(6, 2, (i, j) => i ** j)));

/** The uniform probability measure on [-1, 1], each half on its own: exact for |x| times polynomials. */
function legendreRule(count = 100): { nodes: Float64Array; weights: Float64Array } {
  const { nodes, weights } = gaussLegendre(count);
  return {
    nodes: Float64Array.from([...nodes.map((x) => (x - 1) / 2), ...nodes.map((x) => (x + 1) / 2)]),
    weights: Float64Array.from([...weights, ...weights], (w) => w / 4),
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** A function's coefficients, residual and the residual's squared norm. */
function project(space: FunctionSpace, f: (x: number) => number, rule = legendreRule()) {
  const phi = space.evaluate(rule.nodes);
  const values = rule.nodes.map(f);
  const coefficients = Float64Array.from(
    { length: space.dimension },
    (_, j) => sum(rule.weights.map((w, i) => w * values[i] * phi.get(i, j))),
  );
  const residual = values.map((y, i) => y - sum(phi.row(i).map((p, j) => p * coefficients[j])));
  return { coefficients, residual, square: sum(rule.weights.map((w, i) => w * residual[i] ** 2)) };
}

/** How many standard errors the mean is off. */
function deviation(values: readonly number[], mean: number): number {
  const average = sum(values) / values.length;
  const variance = sum(values.map((x) => (x - average) ** 2)) / (values.length - 1);
  return (average - mean) / Math.sqrt(variance / values.length);
}

const runge = (x: number) => 1 / (1 + 25 * x * x);

Deno.test("bases are orthonormal, and leverages have their closed forms", () => {
  const hermite = gaussHermite(40);
  for (
    const [space, rule] of [[legendreSpace(12), legendreRule(20)], [
      hermiteSpace(12),
      hermite,
    ]] as const
  ) {
    const product = designGram(space, {
      points: rule.nodes,
      weights: rule.weights.map((w) => w * rule.nodes.length),
    });
    product.data.forEach((value, k) => assertAlmostEquals(value, k % 13 === 0 ? 1 : 0, 1e-12));
  }
  for (const m of [1, 5, 10]) assertAlmostEquals(legendreSpace(m).leverage(1), m * m, 1e-12);
  assertAlmostEquals(legendreSpace(5).leverage(0), 3.515625, 1e-13);
  assertAlmostEquals(legendreSpace(10).leverage(0), 6.05621337890625, 1e-12);
  assertAlmostEquals(legendreSpace(10).leverage(0.5), 7.569796539610252, 1e-12);
  [22 / 7, 62 / 35, 38 / 35, 38 / 35, 62 / 35, 22 / 7].forEach((k, i) =>
    assertAlmostEquals(six.leverage(i), k, 1e-13)
  );
  // (x - 2.5) over its standard deviation.
  [0, 1, 2, 3, 4, 5].forEach((x) =>
    assertAlmostEquals(Math.abs(six.evaluate([x]).get(0, 1)), Math.abs(x - 2.5) / 1.707825127659933, 1e-13)
  );
});

Deno.test("best approximations of |x|, the Runge function and exp have the known errors", () => {
  const abs5 = project(legendreSpace(5), Math.abs);
  assertAlmostEquals(Math.sqrt(abs5.square), Math.sqrt(1 / 768), 1e-12);
  assertAlmostEquals(Math.sqrt(project(legendreSpace(10), Math.abs).square), 0.0157869214, 1e-10);
  assertAlmostEquals(Math.sqrt(project(legendreSpace(5), runge).square), 0.1297501034, 1e-10);
  assertAlmostEquals(Math.sqrt(project(legendreSpace(10), runge).square), 0.0587078479, 1e-10);
});

Deno.test("a fit on five points: eigenvalues, determinant, coefficients, errors", () => {
  const space = legendreSpace(3);
  const points = new Float64Array([-0.9, -0.3, 0.2, 0.7, 0.95]);
  const leverages = [5.986125, 1.936125, 2.088, 2.746125, 7.3519453125];
  leverages.forEach((k, i) => assertAlmostEquals(space.leverage(points[i]), k, 1e-12));
  const design = { points, weights: points.map((x) => 3 / space.leverage(x)) };
  const eigenvalues = [0.6651637066, 1.1295837520, 1.2052525414];
  const fit = weightedLeastSquares(space, design, points.map(Math.exp));
  eigenvalues.forEach((value, i) => assertAlmostEquals(fit.eigenvalues[i], value, 1e-10));
  eigh(designGram(space, design)).values.forEach((value, i) =>
    assertAlmostEquals(value, fit.eigenvalues[i], 1e-13)
  );
  assertEquals(isWellConditioned(space, design, { delta: 1 - 0.66516 }), true);
  assertEquals(isWellConditioned(space, design, { delta: 1 - 0.66517 }), false);
  // 5^3 2! / 5! det G
  assertAlmostEquals(volumeDensity(space, design), 125 / 60 * 0.9055762781, 1e-9);
  [1.17593184705, 0.63889148643, 0.15950302556].forEach((a, i) =>
    assertAlmostEquals(fit.coefficients[i], a, 1e-10)
  );
  const { coefficients, square } = project(space, Math.exp);
  [1.17520119364, 0.63718588317, 0.16001944227].forEach((c, i) =>
    assertAlmostEquals(coefficients[i], c, 1e-10)
  );
  assertAlmostEquals(Math.sqrt(square), 0.0268381588, 1e-10);
  const error = square + sum(coefficients.map((c, i) => (c - fit.coefficients[i]) ** 2));
  assertAlmostEquals(Math.sqrt(error), 0.0269071810, 1e-10);
  // Reordering changes nothing.
  const order = [3, 0, 4, 2, 1];
  const moved = {
    points: Float64Array.from(order, (i) => points[i]),
    weights: Float64Array.from(order, (i) => design.weights[i]),
  };
  weightedLeastSquares(space, moved, moved.points.map(Math.exp)).coefficients.forEach((a, i) =>
    assertAlmostEquals(a, fit.coefficients[i], 1e-14)
  );
});

Deno.test("probabilities of pairs on six points: the density, and draws of the process", () => {
  let total = 0;
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      const points = new Float64Array([i, j]);
      const weights = points.map((x) => 2 / six.leverage(x));
      const both = six.leverage(i) / 12 * six.leverage(j) / 12;
      const probability = both * volumeDensity(six, { points, weights });
      // An unordered pair is two ordered ones.
      assertAlmostEquals(probability, (i - j) ** 2 / 105 / 2, 1e-13);
      total += probability;
    }
  }
  assertAlmostEquals(total, 1, 1e-12);
  const draws = 20_000;
  const rng = new Rng("pairs");
  const counts = new Map<string, number>();
  for (let d = 0; d < draws; d++) {
    const key = six.sampleDpp({ rng }).points.sort().join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  let chiSquare = 0;
  for (let i = 0; i < 6; i++) {
    for (let j = i + 1; j < 6; j++) {
      const expected = draws * (i - j) ** 2 / 105;
      chiSquare += ((counts.get(`${i},${j}`) ?? 0) - expected) ** 2 / expected;
    }
  }
  // The 0.999 quantile for 14 degrees of freedom.
  assert(chiSquare < 36.12, `chi-square ${chiSquare}`);
});

Deno.test("moments of draws for straight lines", () => {
  const space = legendreSpace(2);
  const rng = new Rng("moments");
  const draws = Array.from({ length: 10_000 }, () => space.sampleDpp({ rng }).points);
  const moment = (f: (x: number, y: number) => number) => draws.map(([x, y]) => f(x, y));
  assert(Math.abs(deviation(moment((x, y) => (x - y) ** 2), 8 / 5)) < 4);
  assert(Math.abs(deviation(moment((x, y) => x * y), -1 / 3)) < 4);
  assert(Math.abs(deviation(moment((x) => x * x), 7 / 15)) < 4);
  assert(Math.abs(deviation(moment((x, y) => x > 0 && y > 0 ? 1 : 0), 1 / 16)) < 4);
  // Independent points have other moments: the test can fail.
  const apart = draws.map(([x], i) => (x - draws[(i + 1) % draws.length][1]) ** 2);
  assert(Math.abs(deviation(apart, 8 / 5)) > 10);
});

Deno.test("points of the leverage density, and of draws one by one, have its distribution", () => {
  const rng = new Rng("marginals");
  for (const m of [1, 2, 10]) {
    const space = legendreSpace(m);
    const bins = 20;
    const { nodes, weights } = gaussLegendre(2 * m);
    const expected = Array.from(
      { length: bins },
      (_, b) =>
        sum(weights.map((w, i) => w / 2 / bins * space.leverage(-1 + (2 * b + 1 + nodes[i]) / bins) / m)),
    );
    assertAlmostEquals(sum(expected), 1, 1e-12);
    const count = 10_000;
    const samples = {
      leverage: space.sampleLeverage(count, { rng }),
      first: Float64Array.from({ length: count / 5 }, () => space.sampleDpp({ rng }).points[0]),
      last: Float64Array.from({ length: count / 5 }, () => space.sampleDpp({ rng }).points[m - 1]),
    };
    for (const [name, sample] of Object.entries(samples)) {
      const counts = new Float64Array(bins);
      for (const x of sample) counts[Math.min(bins - 1, Math.floor((x + 1) / 2 * bins))]++;
      const chiSquare = sum(
        expected.map((p, b) => (counts[b] - p * sample.length) ** 2 / (p * sample.length)),
      );
      // The 0.999 quantile for 19 degrees of freedom.
      assert(chiSquare < 43.82, `${name}, m = ${m}: ${chiSquare}`);
    }
  }
});

Deno.test("eigenvalues of the Gaussian ensemble: their squares sum to m^2, drawn in either way", () => {
  const rng = new Rng("ensemble");
  for (const m of [1, 2, 3, 8]) {
    const space = hermiteSpace(m);
    const squares = Array.from(
      { length: 4000 },
      () => sum(space.sampleDpp({ rng }).points.map((x) => x * x)),
    );
    assert(Math.abs(deviation(squares, m * m)) < 4, `m = ${m}`);
    const points = space.sampleLeverage(4000, { rng });
    assert(Math.abs(deviation([...points].map((x) => x * x), m)) < 4, `one point, m = ${m}`);
  }
  // Two eigenvalues: the density (x - y)^2 / 2 of two normal numbers gives E (x - y)^2 = 6, E x y = -1.
  const pairs = Array.from({ length: 4000 }, () => hermiteSpace(2).sampleDpp({ rng }).points);
  assert(Math.abs(deviation(pairs.map(([x, y]) => (x - y) ** 2), 6)) < 4);
  assert(Math.abs(deviation(pairs.map(([x, y]) => x * y), -1)) < 4);
});

Deno.test("eigenvalues of tridiagonal matrices are those of the dense solver", () => {
  const rng = new Rng("tridiagonal");
  for (const n of [1, 2, 3, 10, 40]) {
    const diagonal = rng.normals(n);
    const beside = rng.normals(n - 1, 3);
    if (n === 10) beside[4] = 0;
    const dense = Matrix.from(
      n,
      n,
      (i, j) => i === j ? diagonal[i] : Math.abs(i - j) === 1 ? beside[Math.min(i, j)] : 0,
    );
    const values = tridiagonalEigenvalues(diagonal.slice(), beside).sort();
    eigh(dense).values.forEach((value, i) => assertAlmostEquals(values[i], value, 1e-12));
  }
});

Deno.test("functions of the space are found exactly, m points interpolated; m = 1 is the plain mean", () => {
  const rng = new Rng("limits");
  const spaces: [string, FunctionSpace][] = [
    ["Legendre", legendreSpace(6)],
    ["Hermite", hermiteSpace(6)],
    ["discrete", discreteSpace(orthonormalColumns(rng.normalMatrix(200, 6)))],
  ];
  for (const [name, space] of spaces) {
    for (const kind of designKinds) {
      for (const n of [6, 18]) {
        const design = sampleDesign(space, n, { kind, rng });
        const { eigenvalues } = weightedLeastSquares(space, design, new Float64Array(n));
        if (eigenvalues[0] < 1e-6) continue;
        const truth = rng.normals(6);
        const phi = space.evaluate(design.points);
        const values = Float64Array.from(
          { length: n },
          (_, i) => sum(phi.row(i).map((p, j) => p * truth[j])),
        );
        const { coefficients } = weightedLeastSquares(space, design, values);
        coefficients.forEach((a, j) => assertAlmostEquals(a, truth[j], 1e-11, `${name}, ${kind}, n = ${n}`));
        if (n > 6) continue;
        const noise = rng.normals(6);
        const through = weightedLeastSquares(space, design, noise).coefficients;
        noise.forEach((y, i) =>
          assertAlmostEquals(sum(phi.row(i).map((p, j) => p * through[j])), y, 1e-9, `${name}, ${kind}`)
        );
      }
    }
  }
  for (const kind of designKinds) {
    const design = sampleDesign(legendreSpace(1), 7, { kind, rng });
    assertEquals([...design.weights], new Array(7).fill(1));
    assertAlmostEquals(designGram(legendreSpace(1), design).get(0, 0), 1, 1e-15);
  }
});

Deno.test("factors of repetition: quadrature against printed values and the exact law on six points", () => {
  const rule = legendreRule(80);
  const of = (m: number, f: (x: number) => number) => {
    const space = legendreSpace(m);
    return repetitionFactor(space, project(space, f, rule).residual, rule);
  };
  assertAlmostEquals(of(5, Math.abs), 0.75314, 1e-5);
  assertAlmostEquals(of(10, Math.abs), 0.65065, 1e-5);
  assertAlmostEquals(of(5, runge), 0.75754, 1e-5);
  assertAlmostEquals(of(10, runge), 0.60344, 1e-5);
  const candidates = { nodes: [0, 1, 2, 3, 4, 5], weights: new Array(6).fill(1 / 6) };
  const square = (x: number) => x * x;
  const onSix = project(six, square, {
    nodes: Float64Array.from(candidates.nodes),
    weights: Float64Array.from(candidates.weights),
  });
  assertAlmostEquals(Math.abs(onSix.coefficients[0]), 9.1666666667, 1e-9);
  assertAlmostEquals(Math.abs(onSix.coefficients[1]), 8.5391256383, 1e-9);
  assertAlmostEquals(onSix.square, 56 / 9, 1e-12);
  assertAlmostEquals(repetitionFactor(six, onSix.residual, candidates), 0.7757462157, 1e-10);
});

Deno.test("draws with a bound on the smallest eigenvalue satisfy it, after as many tries as expected", () => {
  const space = legendreSpace(5);
  const rng = new Rng("conditioned");
  const draws: number[] = [];
  for (let k = 0; k < 300; k++) {
    const design = sampleDesign(space, 10, { kind: "repeated-dpp", delta: 0.5, rng });
    assert(eigh(designGram(space, design)).values[0] >= 0.5 - 1e-12);
    draws.push(design.draws);
  }
  // One over the probability 0.531, known within 0.016.
  assertAlmostEquals(sum(draws) / draws.length, 1 / 0.531, 0.25);
});

Deno.test("sizes, bases, values and hopeless conditions are refused by name", () => {
  const space = legendreSpace(5);
  const rng = new Rng(1);
  const draw = (n: number, kind: DesignKind) => () => sampleDesign(space, n, { kind, rng });
  for (const kind of designKinds) assertThrows(draw(4, kind), RangeError, "need at least m points");
  assertThrows(draw(12, "repeated-dpp"), RangeError, "`n` must be a multiple of m = 5");
  assertThrows(draw(12, "dpp" as never), TypeError, "`kind` must be");
  assertThrows(
    () => sampleDesign(space, 5, { kind: "iid", rng, delta: 0.01, maxTries: 20 }),
    RangeError,
    "None of 20 designs has a smallest eigenvalue of at least 0.99: the probability of one is below 0.1",
  );
  assertThrows(() => sampleDesign(space, 5, { kind: "iid", rng, delta: 1 }), RangeError, "`delta`");
  const design: Design = sampleDesign(space, 10, { kind: "iid", rng });
  const values = new Float64Array(10);
  values[3] = NaN;
  assertThrows(() => weightedLeastSquares(space, design, values), RangeError, "entry 3 is NaN");
  assertThrows(() => weightedLeastSquares(space, design, new Float64Array(9)), RangeError, "`values`");
  const same = { points: new Float64Array(10).fill(0.5), weights: new Float64Array(10).fill(1) };
  assertThrows(() => weightedLeastSquares(space, same, new Float64Array(10)), SingularMatrixError);
  assertEquals(volumeDensity(space, same), 0);
  assertThrows(() => space.leverage(1.5), RangeError, "`x`");
  assertThrows(() => six.leverage(6), RangeError);
  const off = six.evaluate([0, 1, 2, 3, 4, 5]);
  off.set(2, 1, off.get(2, 1) + 1e-3);
  assertThrows(() => discreteSpace(off), RangeError, "of phi^T phi / N is off by");
  assertThrows(
    () => discreteSpace(orthonormalColumns(Matrix.from(6, 3, (i, j) => j === 2 ? 1 + i : i ** j))),
    RangeError,
    "column 2",
  );
});

/** The chain rule word for word: all components of each candidate, in the order of the points. */
function drawByChainRule(m: number, rng: Rng): number[] {
  const evaluate = polynomialEvaluator("legendre", m);
  const points: number[] = [];
  const q: number[][] = [];
  const product = (a: number[], b: number[]) => a.reduce((sum, value, j) => sum + value * b[j], 0);
  while (points.length < m) {
    const j = rng.integer(m);
    let x: number;
    let density: number;
    do {
      const angle = Math.PI * rng.uniform();
      x = Math.cos(angle);
      density = Math.PI / 4 * Math.sin(angle) * evaluate(x)[j] ** 2;
    } while (!(rng.uniform() < density));
    const phi = Array.from(evaluate(x));
    let rest = phi;
    for (const row of [...q, ...q]) {
      const along = product(row, rest);
      rest = rest.map((value, i) => value - along * row[i]);
    }
    const left = product(rest, rest);
    if (!(left > rng.uniform() * product(phi, phi))) continue;
    points.push(x);
    q.push(rest.map((value) => value / Math.sqrt(left)));
  }
  return points;
}

Deno.test("draws are those of the chain rule word for word, compiled or not", () => {
  for (const [m, draws] of [[1, 20], [2, 20], [3, 20], [7, 20], [10, 20], [50, 5], [101, 1]]) {
    const space = legendreSpace(m);
    const [one, two, three] = [new Rng(m), new Rng(m), new Rng(m)];
    for (let i = 0; i < draws; i++) {
      const draw = space.sampleDpp({ rng: one });
      assertEquals(draw, withoutKernels(() => space.sampleDpp({ rng: two })));
      assertEquals(Array.from(draw.points), drawByChainRule(m, three));
    }
  }
});

Deno.test("a space may draw from another one on the way", () => {
  const inner = legendreSpace(3);
  const evaluate = polynomialEvaluator("legendre", 4);
  const outer = new FunctionSpace({
    dimension: 4,
    basis: evaluate,
    drawMeasure: (rng) => rng.uniform(-1, 1),
    // Not the leverage density of four polynomials: what matters here is that both draws keep their points.
    drawLeverage: (rng) => inner.sampleDpp({ rng }).points[0],
  });
  const draw = outer.sampleDpp({ rng: new Rng(1) });
  assertEquals(draw, withoutKernels(() => outer.sampleDpp({ rng: new Rng(1) })));
  const wrong = new FunctionSpace({
    dimension: 2,
    basis: () => Float64Array.of(1),
    drawMeasure: (rng) => rng.uniform(),
    drawLeverage: (rng) => rng.uniform(),
  });
  assertThrows(() => wrong.sampleDpp({ rng: new Rng(1) }), RangeError, "`basis(x)` must have length 2");
  // An error in a draw does not spoil the next one.
  assertEquals(outer.sampleDpp({ rng: new Rng(1) }), draw);
});
