import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import {
  type Bandit,
  ChebyshevBandit,
  ContextBins,
  TsallisInf,
  tsallisProbabilities,
} from "../../lib/bandits/mod.ts";
import { NormalEquations } from "../../lib/bandits/box_least_squares.ts";
import { leastSquares } from "../../lib/linalg/mod.ts";
import { FivePointStencil, sorIterations } from "../../lib/sparse/mod.ts";

/** 20 relaxation parameters from 1 to 1.95. */
const OMEGAS = Array.from({ length: 20 }, (_, k) => (20 + k) / 20);
const RANGE = [-0.15, 0.65] as const;

/** An instance of "high variance": the shift of the diagonal, and a right-hand side of a bounded norm. */
function instance(rng: Rng): { shift: number; b: Float64Array } {
  const shift = -0.15 + 0.6 * rng.beta(0.5, 1.5);
  for (;;) {
    const b = rng.normals(100);
    if (b.reduce((sum, x) => sum + x * x, 0) <= 100) return { shift, b };
  }
}

const counts = ({ shift, b }: { shift: number; b: Float64Array }, omegas: number[]) =>
  sorIterations(new FivePointStencil(10, 10, { centre: 4 + shift }), b, omegas);

const sumOf = (p: Float64Array) => p.reduce((a, b) => a + b, 0);

Deno.test("Tsallis probabilities: closed values", () => {
  const close = (found: Float64Array, wanted: number[], tolerance = 1e-8) =>
    wanted.forEach((value, i) => assertAlmostEquals(found[i], value, tolerance));
  const p = tsallisProbabilities([0, 1, 2], 1);
  close(p, [0.53481434, 0.28676163, 0.17842404]);
  // x from p_1 = 4 / x^2.
  assertAlmostEquals(-2 / Math.sqrt(p[0]), -2.7348182888589, 1e-12);
  close(tsallisProbabilities([0, 100], 2 / Math.sqrt(50)), [0.99563986, 0.00436014]);
  close(tsallisProbabilities(new Float64Array(7).fill(123), 0.3), Array(7).fill(1 / 7), 1e-15);
  close(tsallisProbabilities([5], 0.01), [1], 1e-15);
});

Deno.test("Tsallis probabilities sum to 1 and minimize <p, L> - (4 / eta) sum sqrt(p)", () => {
  const rng = new Rng(1);
  for (let trial = 0; trial < 200; trial++) {
    const d = 2 + rng.integer(40);
    const eta = 10 ** rng.uniform(-3, 1);
    const losses = rng.normals(d, 10 ** rng.uniform(-3, 5));
    const p = tsallisProbabilities(losses, eta);
    assertAlmostEquals(sumOf(p), 1, 1e-12);
    // Stationary on the simplex: L_i - 2 / (eta sqrt(p_i)) is the same for all i.
    const slopes = p.map((value, i) => losses[i] - 2 / (eta * Math.sqrt(value)));
    const size = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 1);
    slopes.forEach((slope) => assertAlmostEquals(slope, slopes[0], 1e-12 * size));
  }
});

Deno.test("SOR, 5000 rounds: safeguarded probabilities sum to 1 in every round", () => {
  const rng = new Rng("rounds");
  const bandit = new TsallisInf(OMEGAS, { rng: rng.split("bandit") });
  let worst = 0;
  for (let t = 0; t < 5000; t++) {
    worst = Math.max(worst, Math.abs(sumOf(bandit.probabilities()) - 1));
    bandit.update(counts(instance(rng), [bandit.predict()])[0]);
  }
  assert(worst < 1e-12, `${worst}`);
});

Deno.test("SOR, 250 rounds: the official Newton start loses the root, for every seed", () => {
  for (let seed = 0; seed < 8; seed++) {
    const rng = new Rng(seed);
    const bandit = new TsallisInf(OMEGAS, { rng: rng.split("bandit"), newton: "official" });
    const sums: number[] = [];
    for (let t = 0; t < 250; t++) {
      sums.push(sumOf(bandit.probabilities()));
      bandit.update(counts(instance(rng), [bandit.predict()])[0]);
    }
    const broken = sums.findIndex((sum) => !(Math.abs(sum - 1) < 1e-6)) + 1;
    const largest = sums.reduce((a, b) => Math.max(a, b));
    assert(broken > 100, `round ${broken}`);
    // Not a little: the weight of a cost is divided by such a number, so that nothing is learned any more.
    assert(largest > 1e6, `${largest}`);
    assert(sums.slice(0, 50).every((sum) => Math.abs(sum - 1) < 1e-12));
  }
});

Deno.test("both Newton starts give the same root while the smallest loss is near zero", () => {
  for (const losses of [[0, 0, 0], [0, 1, 2], [3, 0, 1, 1]]) {
    const found = tsallisProbabilities(losses, 1, { newton: "official" });
    tsallisProbabilities(losses, 1).forEach((p, i) => assertAlmostEquals(found[i], p, 1e-13));
  }
});

Deno.test("Tsallis-INF weighs a cost by its probability, and draws by the next ones", () => {
  const rng = new Rng(4);
  // Estimated totals after one round of cost 5: 4 / (1/3) for the action that was drawn, on a scale of 4.
  const expected = tsallisProbabilities([3, 0, 0], 2 / Math.SQRT2);
  let again = 0;
  for (let trial = 0; trial < 20_000; trial++) {
    const bandit = new TsallisInf([0, 1, 2], { rng });
    const first = bandit.predict();
    bandit.update(5);
    const p = bandit.probabilities();
    assertAlmostEquals(p[first], expected[0], 1e-15);
    assertAlmostEquals(p[(first + 1) % 3], expected[1], 1e-15);
    if (bandit.predict() === first) again++;
  }
  // Five standard deviations.
  const share = expected[0];
  assertAlmostEquals(again / 20_000, share, 5 * Math.sqrt(share * (1 - share) / 20_000));
});

Deno.test("actions do not depend on where the costs begin, if the bandit knows it", () => {
  const run = (make: (leastCost: number, rng: Rng) => Bandit, leastCost: number) => {
    const rng = new Rng(6);
    const bandit = make(leastCost, rng.split("bandit"));
    return Array.from({ length: 200 }, () => {
      const context = rng.integer(8) / 8;
      const action = bandit.predict(context);
      bandit.update(leastCost + Math.abs(action - 8 * context));
      return action;
    });
  };
  const actions = [0, 2, 4, 6];
  for (
    const make of [
      (leastCost: number, rng: Rng) => new TsallisInf(actions, { rng, leastCost }),
      (leastCost: number, rng: Rng) => new ChebyshevBandit(actions, { rng, leastCost, range: [0, 1] }),
    ]
  ) assertEquals(run(make, -64), run(make, 1));
});

Deno.test("context bins: the nearest centre, each bin on its own", () => {
  const rng = new Rng(1);
  const make = (bin: number) => new TsallisInf([1, 2], { rng: rng.split(bin) });
  const bins = new ContextBins(make, { bins: 4, range: [0, 8] });
  const isUniform = (context: number) => Math.abs(bins.probabilities(context)[0] - 0.5) < 1e-12;
  assert([0, 2, 4, 6, 8].every(isUniform));
  bins.predict(3.9);
  bins.update(10);
  assertEquals([0, 1.9, 2, 3.9, 4, 8].map(isUniform), [true, true, false, false, true, true]);
  bins.predict(8);
  bins.update(10);
  assertEquals([5.9, 6, 8].map(isUniform), [true, false, false]);
});

Deno.test("normal equations: least norm as by the SVD, and the box as by all active sets", () => {
  const rng = new Rng(3);
  const size = 3;
  for (let trial = 0; trial < 30; trial++) {
    const equations = new NormalEquations(size);
    const phi = rng.normalMatrix(trial % 2 === 0 ? 2 : 8, size);
    const y = rng.normals(phi.rows);
    for (let i = 0; i < phi.rows; i++) equations.add(phi.row(i), y[i]);
    const free = equations.leastNorm();
    leastSquares(phi, y).forEach((value, j) => assertAlmostEquals(free[j], value, 1e-9));
    if (trial % 2 === 0) continue;
    const bounds = new Float64Array([0.1, 0.2, 0.05]);
    const scale = 2;
    const residuals = (theta: ArrayLike<number>) =>
      y.map((value, i) => value / scale - phi.row(i).reduce((sum, x, j) => sum + x * theta[j], 0));
    const square = (theta: ArrayLike<number>) => residuals(theta).reduce((sum, x) => sum + x * x, 0);
    const boxed = equations.boxed(free.map((value) => value / scale), bounds, scale);
    const found = equations.residual(boxed, scale);
    assertAlmostEquals(found, square(boxed), 1e-12);
    assert(boxed.every((value, j) => Math.abs(value) <= bounds[j]));
    // Every coordinate at its lower bound, at its upper one, or free: the best of those in the box.
    let best = Infinity;
    for (let code = 0; code < 27; code++) {
      const state = [code % 3, Math.floor(code / 3) % 3, Math.floor(code / 9)];
      const theta = state.map((s, j) => s === 0 ? -bounds[j] : s === 1 ? bounds[j] : 0);
      const open = [0, 1, 2].filter((j) => state[j] === 2);
      if (open.length > 0) {
        const columns = Matrix.from(phi.rows, open.length, (i, k) => phi.get(i, open[k]));
        const part = leastSquares(columns, residuals(theta));
        open.forEach((j, k) => theta[j] = part[k]);
      }
      if (theta.every((value, j) => Math.abs(value) <= bounds[j])) best = Math.min(best, square(theta));
    }
    assertAlmostEquals(found, best, 1e-10);
  }
});

Deno.test("ChebCB finds costs that are polynomials of the context, and the best action everywhere", () => {
  for (let seed = 0; seed < 8; seed++) {
    const rng = new Rng(seed);
    const series = Array.from({ length: 5 }, () => [
      30 + rng.uniform(-3, 3),
      rng.uniform(-8, 8),
      rng.uniform(-4, 4),
      rng.uniform(-2, 2),
    ]);
    const cost = ([a, b, c, d]: number[], context: number) => {
      const x = 2 * context - 1;
      return a + b * x + c * (2 * x * x - 1) + d * (4 * x ** 3 - 3 * x);
    };
    const bandit = new ChebyshevBandit([0, 1, 2, 3, 4], { range: [0, 1], rng: rng.split("bandit") });
    bandit.probabilities(0.3).forEach((p) => assertAlmostEquals(p, 0.2, 1e-15));
    const pulls = [0, 0, 0, 0, 0];
    for (let t = 0; t < 2000; t++) {
      const context = rng.uniform();
      const action = bandit.predict(context);
      pulls[action]++;
      bandit.update(cost(series[action], context));
    }
    assert(pulls.every((count) => count >= 6), `${pulls}`);
    for (let k = 0; k <= 48; k++) {
      const context = k / 48;
      const wanted = series.map((one) => cost(one, context));
      const found = bandit.predictedCosts(context);
      wanted.forEach((value, i) => assertAlmostEquals(found[i], value, 1e-7));
      const p = bandit.probabilities(context);
      assertAlmostEquals(sumOf(p), 1, 1e-12);
      const likely = p.reduce((best, value, i) => value > p[best] ? i : best, 0);
      assert(wanted.every((value) => value >= wanted[likely]));
    }
  }
});

/** ChebCB from its definition: all rounds are kept, and every fit starts from them. */
function definedProbabilities(
  rounds: { action: number; phi: number[]; prediction: number; cost: number }[],
  size: number,
  d: number,
): (phi: number[]) => { predictions: number[]; p: number[] } {
  const t = rounds.length;
  const K = rounds.reduce((most, { cost }) => Math.max(most, cost), 0);
  const N = 2 + 4 * (1 + Math.log(size));
  const s = K * N;
  const bounds = Array.from({ length: size }, (_, j) => j === 0 ? 1 / N : 2 / (N * j));
  const fits = Array.from({ length: d }, (_, action) => {
    const own = rounds.filter((one) => one.action === action);
    if (own.length === 0) return { theta: new Float64Array(size), residual: 0 };
    const phi = Matrix.fromRows(own.map((one) => one.phi));
    const y = Float64Array.from(own, ({ cost }) => (cost - 1) / s);
    // Eigenvalues of the Gram matrix count from 1e-10, so singular values from 1e-5.
    const theta = leastSquares(phi, y, { rcond: 1e-5 });
    if (theta.every((value, j) => Math.abs(value) <= bounds[j])) return { theta, residual: 0 };
    theta.forEach((value, j) => theta[j] = Math.min(bounds[j], Math.max(-bounds[j], value)));
    const lost = () => y.map((value, i) => value - own[i].phi.reduce((sum, x, j) => sum + x * theta[j], 0));
    for (let sweep = 0; sweep < 200; sweep++) {
      for (let j = 0; j < size; j++) {
        const rest = lost();
        const along = own.reduce((sum, { phi }, i) => sum + phi[j] * rest[i], 0) /
          own.reduce((sum, { phi }) => sum + phi[j] ** 2, 0);
        theta[j] = Math.min(bounds[j], Math.max(-bounds[j], theta[j] + along));
      }
    }
    return { theta, residual: lost().reduce((sum, x) => sum + x * x, 0) };
  });
  const alpha = (Math.PI + (2 / Math.PI) * Math.log(2 * size + 1)) / (2 * s * (size + 1)) * K;
  const R = rounds.reduce((sum, { prediction, cost }) => sum + (prediction - cost / s) ** 2, 0);
  const residual = fits[rounds[t - 1].action].residual;
  const eta = 2 * t * Math.sqrt(d * t / (R - residual + 2 * alpha ** 2 * t));
  return (phi) => {
    const y = fits.map(({ theta }) => phi.reduce((sum, x, j) => sum + x * theta[j], 0));
    const best = y.indexOf(Math.min(...y.slice()));
    const p = y.map((value) => 1 / (d + eta * (value - y[best])));
    p[best] = 1 - p.reduce((sum, value, i) => i === best ? sum : sum + value, 0);
    return { predictions: y.map((value) => 1 + s * value), p };
  };
}

Deno.test("ChebCB, 60 rounds: fits and probabilities are those of the definition", () => {
  for (let seed = 0; seed < 3; seed++) {
    const rng = new Rng(seed);
    const actions = [0, 1, 2];
    const bandit = new ChebyshevBandit(actions, { range: [-1, 1], degree: 3, rng: rng.split("bandit") });
    const features = (x: number) => [1, x, 2 * x * x - 1, 4 * x ** 3 - 3 * x];
    const rounds: Parameters<typeof definedProbabilities>[0] = [];
    let scale = 1;
    for (let t = 0; t < 60; t++) {
      const x = rng.uniform(-1, 1);
      const before = bandit.predictedCosts(x);
      const action = bandit.predict(x);
      // So noisy that the bounds matter.
      const cost = 5 + Math.abs(x - action / 2) + 50 * rng.uniform();
      bandit.update(cost);
      rounds.push({ action, phi: features(x), prediction: (before[action] - 1) / scale, cost });
      scale = rounds.reduce((most, one) => Math.max(most, one.cost), 0) * (2 + 4 * (1 + Math.log(4)));
      const defined = definedProbabilities(rounds, 4, 3);
      for (const context of [-0.8, 0.1, 0.9]) {
        const { predictions, p } = defined(features(context));
        bandit.predictedCosts(context).forEach((value, i) => assertAlmostEquals(value, predictions[i], 1e-5));
        bandit.probabilities(context).forEach((value, i) => assertAlmostEquals(value, p[i], 1e-6));
      }
    }
  }
});

Deno.test("SOR, 2000 rounds: contexts pay, and totals are those of other implementations", () => {
  const rng = new Rng("relax");
  const tsallis = new TsallisInf(OMEGAS, { rng: rng.split("tsallis") });
  const make = (bin: number) => new TsallisInf(OMEGAS, { rng: rng.split(`bin ${bin}`) });
  const bins = new ContextBins(make, { bins: 5, range: RANGE });
  const chebyshev = new ChebyshevBandit(OMEGAS, { range: RANGE, rng: rng.split("chebyshev") });
  const bandits = [tsallis, bins, chebyshev];
  const totals = [0, 0, 0, 0];
  for (let t = 0; t < 2000; t++) {
    const one = instance(rng);
    const found = counts(one, [...bandits.map((bandit: Bandit) => bandit.predict(one.shift)), 1.8]);
    bandits.forEach((bandit, k) => bandit.update(found[k]));
    found.forEach((count, k) => totals[k] += count);
  }
  // In thousands, and four standard deviations over the seeds of an implementation in Python.
  [[266, 32], [242, 36], [146, 20], [207, 12]].forEach(([mean, spread], k) =>
    assertAlmostEquals(totals[k] / 1000, mean, spread)
  );
  assert(totals[2] < 0.8 * totals[3], `${totals}`);
});

Deno.test("bad input is refused by name", () => {
  const rng = new Rng(1);
  const tsallis = () => new TsallisInf([1, 2], { rng });
  const chebyshev = () => new ChebyshevBandit([1, 2], { rng, range: [0, 1] });
  const bins = () => new ContextBins(tsallis, { bins: 2, range: [0, 1] });
  for (const make of [tsallis, chebyshev, bins]) {
    assertThrows(() => make().update(2), Error, "`update` must follow `predict`");
    for (const cost of [NaN, 0.5, Infinity, -1]) {
      const bandit: Bandit = make();
      bandit.predict(0.5);
      assertThrows(() => bandit.update(cost), RangeError, "`cost` must be");
      // The round goes on.
      bandit.update(2);
      assertThrows(() => bandit.update(2), Error, "`update` must follow `predict`");
    }
  }
  for (const make of [chebyshev, bins]) {
    for (const context of [-0.1, 1.1, NaN]) {
      assertThrows(() => make().predict(context), RangeError, "`context`");
      assertThrows(() => make().probabilities(context), RangeError, "`context`");
    }
    assertThrows(() => make().predict(undefined as never), TypeError, "`context`");
  }
  assertThrows(() => new TsallisInf([], { rng }), RangeError, "`actions`");
  assertThrows(() => new ChebyshevBandit([], { rng, range: [0, 1] }), RangeError, "`actions`");
  assertThrows(() => new TsallisInf([1], { seed: 1 } as never), TypeError, '"seed"');
  assertThrows(() => new TsallisInf([1], { rng, newton: "fast" as never }), TypeError, "`newton`");
  assertThrows(() => new ChebyshevBandit([1], { rng, range: [1, 1] }), RangeError, "`range`");
  assertThrows(() => new ChebyshevBandit([1], { rng, range: [0, 1], degree: -1 }), RangeError, "`degree`");
  assertThrows(() => new ContextBins(tsallis, { bins: 0, range: [0, 1] }), RangeError, "`bins`");
  const unlike = (bin: number) => new TsallisInf([bin], { rng });
  assertThrows(() => new ContextBins(unlike, { bins: 2, range: [0, 1] }), RangeError, "same actions");
  assertThrows(() => tsallisProbabilities([], 1), RangeError, "`losses`");
  assertThrows(() => tsallisProbabilities([1], 0), RangeError, "`eta`");
});
