import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { frobeniusNorm, polarFactor } from "../../lib/linalg/mod.ts";
import {
  type GradientTransformation,
  momentum,
  newtonSchulz,
  splitOutliers,
  suppressOutliers,
} from "../../lib/optimizers/mod.ts";
import { normalCdf, quantileAbs } from "../../lib/statistics/mod.ts";
import { addOutliers } from "../../lib/training/mod.ts";
import type { Row } from "./rows.ts";

/** Protocol C and the single huge entry, for one matrix. */
export interface OutlierTrial {
  seed: number;
}

/** Momentum of hit gradients, for one size and all probabilities. */
export interface BreakdownTrial {
  seed: number;
  size: number;
  quantile: number;
  probabilities: number[];
}

const M = 32;
const N = 64;
const HIT = 20;

/** Sizes of protocol C; 0 is the clean matrix. */
const SIZES = [0, ...Array.from({ length: 17 }, (_, k) => 10 ** (k / 2))];

const cosine = (a: Matrix, b: Matrix) =>
  a.data.reduce((sum, x, i) => sum + x * b.data[i], 0) / (frobeniusNorm(a) * frobeniusNorm(b));

/** Runs one trial of protocol C. */
export function runOutliers({ seed }: OutlierTrial): Row[] {
  const rng = new Rng(seed);
  const clean = rng.split("matrix").normalMatrix(M, N);
  const polar = polarFactor(clean);
  const hit = rng.split("entries").permutation(M * N).slice(0, HIT);
  const raised = (size: number) => {
    const matrix = clean.clone();
    for (const k of hit) matrix.data[k] += size;
    return matrix;
  };
  const methods: Record<Row<"outlier">["method"], (a: Matrix) => Matrix> = {
    "exact polar factor": polarFactor,
    Muon: (a) => newtonSchulz(a),
    ROOT: (a) => newtonSchulz(splitOutliers(a).base),
  };
  const rows: Row[] = Object.entries(methods).flatMap(([name, method]) => {
    const reference = method(raised(100));
    return SIZES.map((size): Row<"outlier"> => {
      const result = method(raised(size));
      const change = result.data.reduce((most, x, i) => Math.max(most, Math.abs(x - reference.data[i])), 0);
      return {
        kind: "outlier",
        seed,
        size,
        method: name as Row<"outlier">["method"],
        cosine: cosine(result, polar),
        change,
      };
    });
  });
  return [...rows, ...[1, 10, 100, 1e3, 1e4, 1e5].map((size) => single(clean, hit[0], size, seed))];
}

/** One entry `size` times as large as all others together. */
function single(clean: Matrix, place: number, size: number, seed: number): Row<"single"> {
  const row = Math.floor(place / N);
  const column = place % N;
  const entry = size * frobeniusNorm(clean);
  const matrix = clean.clone();
  matrix.data[place] = entry;
  const rest = (a: Matrix) =>
    Matrix.from(M - 1, N - 1, (i, j) => a.get(i + (i < row ? 0 : 1), j + (j < column ? 0 : 1)));
  const limit = Matrix.zeros(M, N);
  const without = polarFactor(rest(clean));
  limit.set(row, column, 1);
  for (let i = 0; i < M - 1; i++) {
    for (let j = 0; j < N - 1; j++) {
      limit.set(i + (i < row ? 0 : 1), j + (j < column ? 0 : 1), without.get(i, j));
    }
  }
  const result = newtonSchulz(matrix);
  return {
    kind: "single",
    seed,
    size,
    corner: result.get(row, column),
    rest: frobeniusNorm(rest(result)),
    predictedRest: 3.4445 ** 5 * frobeniusNorm(rest(clean)) / entry,
    polarError: frobeniusNorm(polarFactor(matrix).minus(limit)),
  };
}

const DECAY = 0.95;

/** Runs one trial of the breakdown: 64 x 64 Gaussian gradients until the momentum has forgotten its start. */
export function runBreakdown(trial: BreakdownTrial): Row[] {
  const { seed, size, quantile, probabilities } = trial;
  const steps = Math.ceil(Math.log(100 * size) / -Math.log(DECAY));
  return probabilities.flatMap((probability) => {
    const rng = new Rng(seed).split(`${size}`).split(`${probability}`);
    const parameter = { name: "w", weights: Matrix.zeros(64, 64), outputs: "rows" as const };
    const link: GradientTransformation = momentum({ decay: DECAY, form: "sum" });
    const states = [0, 1, 2].map(() => link.init(parameter));
    const clip = suppressOutliers({ quantile });
    let clean = parameter.weights;
    let hit = clean;
    let protectedFirst = clean;
    let gradientThreshold = 0;
    for (let step = 0; step < steps; step++) {
      const g = rng.normalMatrix(64, 64);
      const bad = g.clone();
      addOutliers(bad, { probability, size, rng });
      gradientThreshold = quantileAbs(bad.data, quantile) / quantileAbs(g.data, quantile);
      protectedFirst = link.update(clip.update(bad.clone(), {}, parameter), states[2], parameter) as Matrix;
      hit = link.update(bad, states[1], parameter) as Matrix;
      clean = link.update(g, states[0], parameter) as Matrix;
    }
    const polar = polarFactor(clean);
    const { base } = splitOutliers(hit, { quantile });
    const row = (name: Row<"breakdown">["clip"], a: Matrix, inflation: number | null): Row<"breakdown"> => ({
      kind: "breakdown",
      seed,
      probability,
      size,
      quantile,
      clip: name,
      inflation,
      predicted: inflation === null ? null : predictedInflation(probability, size, quantile, name),
      cosine: cosine(newtonSchulz(a), polar),
    });
    return [
      row("none", hit, null),
      row("momentum", base, quantileAbs(hit.data, quantile) / quantileAbs(clean.data, quantile)),
      row("gradient", protectedFirst, gradientThreshold),
    ];
  });
}

/**
 * The threshold over that of clean values, by the law of the last hit. An entry of the momentum that was hit
 * `a` steps ago is about size * 0.95^a, so an entry is beyond t with probability 1 - (1 - p)^a(t) P(clean
 * below t), a(t) = ln(size / t) / ln(1 / 0.95). A gradient remembers nothing: there a(t) is 1 for every t
 * below `size`.
 */
export function predictedInflation(
  probability: number,
  size: number,
  quantile: number,
  clip: Row<"breakdown">["clip"],
): number {
  // Standard deviation of the Nesterov sum (1 + d) g_t + d^2 g_{t-1} + d^3 g_{t-2} + ... of unit gradients.
  const sd = clip === "gradient" ? 1 : Math.sqrt((1 + DECAY) ** 2 + DECAY ** 4 / (1 - DECAY ** 2));
  const below = (t: number, p: number) => {
    const age = clip === "gradient" ? (t < size ? 1 : 0) : Math.max(0, Math.log(size / t) / -Math.log(DECAY));
    return (1 - p) ** age * (2 * normalCdf(t / sd) - 1);
  };
  const threshold = (p: number) => {
    let low = 0;
    let high = 10 * size + 10 * sd;
    for (let k = 0; k < 200; k++) {
      const middle = (low + high) / 2;
      if (below(middle, p) < quantile) low = middle;
      else high = middle;
    }
    return high;
  };
  return threshold(probability) / threshold(0);
}
