import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { inverse } from "../../lib/linalg/mod.ts";
import {
  designGram,
  type DesignKind,
  discreteSpace,
  type FunctionSpace,
  legendreSpace,
  orthonormalColumns,
  repetitionFactor,
  sampleDesign,
  volumeDensity,
  type WeightedFit,
  weightedLeastSquares,
} from "../../lib/sampling/mod.ts";
import { fitOrNone } from "./conditioning.ts";
import type { Row, Target } from "./rows.ts";
import { project, type Projection, TARGETS, uniformRule } from "./targets.ts";

/** A mean that grows draw by draw. */
class Mean {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    const step = value - this.#mean;
    this.#mean += step / this.#count;
    this.#squares += step * (value - this.#mean);
  }

  row(
    quantity: Row<"estimate">["quantity"],
    { of, seed, expected, sd }: { of: string; seed: number; expected: number; sd?: number },
  ): Row<"estimate"> {
    const spread = sd ?? Math.sqrt(this.#squares / (this.#count - 1));
    return {
      kind: "estimate",
      quantity,
      of,
      seed,
      draws: this.#count,
      mean: this.#mean,
      standardError: spread / Math.sqrt(this.#count),
      expected,
    };
  }
}

/** Means over draws whose expectation a theorem gives. */
export function estimateRows(
  { seed, draws, volumeKind }: { seed: number; draws: number; volumeKind: DesignKind },
): Row[] {
  const rng = new Rng(seed).split("estimates");
  return [
    ...interpolationRows(seed, draws, rng.split("interpolation")),
    ...volumeRows(seed, draws, volumeKind, rng.split("volume")),
    ...momentRows(seed, draws, rng.split("moments")),
    ...[5, 10].flatMap((m) =>
      (["|x|", "Runge"] as const).flatMap((target) =>
        noiseRows(seed, draws, m, target, rng.split(`noise ${m} ${target}`))
      )
    ),
    ...[5, 10, 20].map((m) => proposalRow(seed, Math.ceil(draws / 2), m, rng.split(`proposals ${m}`))),
  ];
}

/** m points, one draw of the process: the expected squared error is 1 + m times the best one. */
function interpolationRows(seed: number, draws: number, rng: Rng): Row<"estimate">[] {
  const space = legendreSpace(5);
  const { coefficients: best, square } = project(space, Math.exp);
  const ratio = new Mean();
  for (let k = 0; k < draws; k++) {
    const { coefficients } = fitOf(space, "repeated-dpp", 5, Math.exp, rng);
    ratio.add(1 + coefficients.reduce((sum, a, j) => sum + (a - best[j]) ** 2, 0) / square);
  }
  return [ratio.row("interpolation ratio", { of: "m = 5, exp", seed, expected: 6 })];
}

/** Ten points for five functions: coefficients, and the inverse of the Gram matrix. */
function volumeRows(seed: number, draws: number, kind: DesignKind, rng: Rng): Row<"estimate">[] {
  const m = 5;
  const n = 10;
  const space = legendreSpace(m);
  const { coefficients: best } = project(space, Math.abs);
  const means = Array.from(best, () => new Mean());
  const trace = new Mean();
  for (let k = 0; k < draws; k++) {
    const { coefficients, eigenvalues } = fitOf(space, kind, n, Math.abs, rng);
    means.forEach((mean, j) => mean.add(coefficients[j]));
    trace.add(eigenvalues.reduce((sum, value) => sum + 1 / value, 0) / m);
  }
  return [
    ...means.map((mean, j) => mean.row("coefficient", { of: `${j}`, seed, expected: best[j] })),
    trace.row("inverse Gram", { of: "m = 5, n = 10", seed, expected: n / (n - m + 1) }),
  ];
}

function fitOf(
  space: FunctionSpace,
  kind: DesignKind,
  n: number,
  f: (x: number) => number,
  rng: Rng,
): WeightedFit {
  const design = sampleDesign(space, n, { kind, rng });
  return weightedLeastSquares(space, design, design.points.map(f));
}

/** Moments of two points for straight lines, and where all points are. */
function momentRows(seed: number, draws: number, rng: Rng): Row[] {
  const space = legendreSpace(2);
  const moments = {
    "(x - y)^2": { of: (x: number, y: number) => (x - y) ** 2, expected: 8 / 5, mean: new Mean() },
    "x y": { of: (x: number, y: number) => x * y, expected: -1 / 3, mean: new Mean() },
    "x^2": { of: (x: number) => x * x, expected: 7 / 15, mean: new Mean() },
    "both positive": {
      of: (x: number, y: number) => x > 0 && y > 0 ? 1 : 0,
      expected: 1 / 16,
      mean: new Mean(),
    },
  };
  const counts = new Float64Array(20);
  for (let k = 0; k < draws; k++) {
    const [x, y] = space.sampleDpp({ rng }).points;
    for (const moment of Object.values(moments)) moment.mean.add(moment.of(x, y));
    for (const point of [x, y]) counts[Math.min(19, Math.floor(10 * (point + 1)))]++;
  }
  // The density (1 + 3 x^2) / 4 has the distribution function (x + x^3 + 2) / 4.
  const below = (x: number) => (x + x ** 3 + 2) / 4;
  const chiSquare = counts.reduce((sum, count, b) => {
    const expected = 2 * draws * (below((b - 9) / 10) - below((b - 10) / 10));
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  return [
    ...Object.entries(moments).map(([of, { mean, expected }]) => mean.row("moment", { of, seed, expected })),
    { kind: "marginal", seed, chiSquare },
  ];
}

/**
 * What the residual adds to the coefficients, |z|^2 n / (m |g|^2), for two draws and for as many independent
 * points.
 */
function noiseRows(seed: number, draws: number, m: number, target: Target, rng: Rng): Row<"estimate">[] {
  const space = legendreSpace(m);
  const projection = project(space, TARGETS[target]);
  return (["repeated-dpp", "iid-optimal"] as const).map((kind) => {
    const mean = new Mean();
    for (let k = 0; k < draws; k++) {
      const { points, weights } = sampleDesign(space, 2 * m, { kind, rng });
      const phi = space.evaluate(points);
      const z = new Float64Array(m);
      points.forEach((x, i) => {
        const scaled = weights[i] * residualAt(projection, phi.row(i), TARGETS[target](x)) / points.length;
        for (let j = 0; j < m; j++) z[j] += scaled * phi.get(i, j);
      });
      mean.add(z.reduce((sum, value) => sum + value * value, 0) * points.length / (m * projection.square));
    }
    const expected = kind === "iid-optimal" ? 1 : kappa(space, projection.residual);
    return mean.row("noise", { of: `${kind}, m = ${m}, ${target}`, seed, expected });
  });
}

function residualAt({ coefficients }: Projection, phi: Float64Array, value: number): number {
  let left = value;
  for (let j = 0; j < phi.length; j++) left -= coefficients[j] * phi[j];
  return left;
}

function proposalRow(seed: number, draws: number, m: number, rng: Rng): Row<"estimate"> {
  const space = legendreSpace(m);
  const mean = new Mean();
  for (let k = 0; k < draws; k++) mean.add(space.sampleDpp({ rng }).proposals);
  // Step by step geometric, with probability i / m.
  let harmonic = 0;
  let squares = 0;
  for (let i = 1; i <= m; i++) {
    harmonic += 1 / i;
    squares += 1 / (i * i);
  }
  const sd = Math.sqrt(m * m * squares - m * harmonic);
  return mean.row("proposals", { of: `m = ${m}`, seed, expected: m * harmonic, sd });
}

function kappa(space: FunctionSpace, residual: (x: number) => number): number {
  const rule = uniformRule(80);
  return repetitionFactor(space, rule.nodes.map(residual), rule);
}

/** What repetition gains for residuals of single degrees and of the targets. */
export function gainRows(): Row<"gain">[] {
  const space = legendreSpace(10);
  const wide = legendreSpace(46);
  const degrees = Array.from({ length: 36 }, (_, k) => 10 + k);
  return [
    ...degrees.map((degree): Row<"gain"> => ({
      kind: "gain",
      m: 10,
      residual: "one polynomial",
      degree,
      kappa: kappa(space, (x) => wide.evaluate([x]).get(0, degree)),
    })),
    ...[5, 10].flatMap((m) =>
      (["|x|", "Runge", "exp"] as const).map((target): Row<"gain"> => {
        const of = legendreSpace(m);
        return {
          kind: "gain",
          m,
          residual: target,
          degree: null,
          kappa: kappa(of, project(of, TARGETS[target]).residual),
        };
      })
    ),
  ];
}

/** Straight lines on the points 0, 1, ..., 5. */
const CANDIDATES = 6;

/** Expectations over all samples of x^2 on six points, by enumeration. */
export function exactRows(): Row<"exact">[] {
  const space = discreteSpace(orthonormalColumns(Matrix.from(CANDIDATES, 2, (i, j) => i ** j)));
  const leverages = Array.from({ length: CANDIDATES }, (_, i) => space.leverage(i));
  const one = (x: number) => leverages[x] / (2 * CANDIDATES);
  const iid = (points: readonly number[]) => points.reduce((product, x) => product * one(x), 1);
  const volume = (points: readonly number[]) =>
    iid(points) * volumeDensity(space, {
      points: Float64Array.from(points),
      weights: Float64Array.from(points, (x) => 2 / leverages[x]),
    });
  const pairs = tuples(2).filter(([i, j]) => i < j);
  const repeated = (r: number) =>
    Array.from({ length: r - 1 }).reduce<number[][]>(
      (lists) => lists.flatMap((list) => pairs.map((pair) => [...list, ...pair])),
      pairs,
    );
  const pairwise = (points: readonly number[]) => {
    let product = 1;
    // Both orders of a pair are one draw.
    for (let k = 0; k < points.length; k += 2) product *= 2 * volume(points.slice(k, k + 2));
    return product;
  };
  return [
    ...[2, 3, 4].map((n) => expectation(space, "volume", tuples(n), volume)),
    ...[2, 3, 4].map((n) => expectation(space, "iid-optimal", tuples(n), iid)),
    ...[2, 3].map((r) => expectation(space, "repeated-dpp", repeated(r), pairwise)),
  ];
}

/** All lists of n candidates. */
function tuples(n: number): number[][] {
  return n === 0
    ? [[]]
    : tuples(n - 1).flatMap((list) => Array.from({ length: CANDIDATES }, (_, i) => [...list, i]));
}

/** Expectations given that the sample determines the fit. */
function expectation(
  space: FunctionSpace,
  design: Row<"exact">["design"],
  samples: readonly number[][],
  probabilityOf: (points: readonly number[]) => number,
): Row<"exact"> {
  const mean = new Array(space.dimension).fill(0);
  const diagonal = new Array(space.dimension).fill(0);
  let nonSingular = 0;
  let ratio = 0;
  let conditioned = 0;
  const truth = best(space);
  for (const list of samples) {
    const probability = probabilityOf(list);
    if (probability === 0) continue;
    const points = Float64Array.from(list);
    const sample = { points, weights: points.map((x) => 2 / space.leverage(x)) };
    const fit = fitOrNone(space, sample, points.map((x) => x * x));
    if (fit === undefined) continue;
    const { coefficients, eigenvalues } = fit;
    const gramInverse = inverse(designGram(space, sample));
    nonSingular += probability;
    if (eigenvalues[0] >= 0.5) conditioned += probability;
    let off = 0;
    coefficients.forEach((a, j) => {
      mean[j] += probability * (a - truth.coefficients[j]);
      diagonal[j] += probability * gramInverse.get(j, j);
      off += (a - truth.coefficients[j]) ** 2;
    });
    ratio += probability * (1 + off / truth.square);
  }
  return {
    kind: "exact",
    design,
    n: samples[0].length,
    ratio: ratio / nonSingular,
    bias: mean.map((x) => x / nonSingular),
    inverse: diagonal.map((x) => x / nonSingular),
    probability: conditioned,
    nonSingular,
  };
}

/** The best approximation of x^2 on the candidates. */
function best(space: FunctionSpace): { coefficients: Float64Array; square: number } {
  const phi = space.evaluate(Array.from({ length: CANDIDATES }, (_, i) => i));
  const coefficients = new Float64Array(phi.columns);
  let square = 0;
  for (let i = 0; i < CANDIDATES; i++) {
    phi.row(i).forEach((p, j) => coefficients[j] += i * i * p / CANDIDATES);
    square += i ** 4 / CANDIDATES;
  }
  return { coefficients, square: coefficients.reduce((left, c) => left - c * c, square) };
}
