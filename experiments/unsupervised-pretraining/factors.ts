/** The factor model with a linear target: trials. */
import { mean, quantile } from "simple-statistics";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul, matvec } from "../../lib/blas/mod.ts";
import {
  bayesLinearPredictor,
  excessRisk,
  type FactorModel,
  type FactorProblem,
  fitPpca,
  fitPpcaToCovariance,
  irreducibleRisk,
  leastSquaresRisk,
  pretrainedRisk,
  regressOnFactors,
  spikedCosine2,
  subspaceRisk,
} from "../../lib/latent_variables/mod.ts";
import {
  eigh,
  haarOrthogonal,
  leastSquares,
  qr,
  ridgeLeaveOneOut,
  solve,
  wishart,
} from "../../lib/linalg/mod.ts";
import type { Method, Row } from "./rows.ts";
import { problemOf, type Setting } from "./setting.ts";

/** Inputs from here on are drawn as a Wishart matrix, which has the same distribution and costs less. */
const MOST_INPUTS = 2000;

/** The model, and what is known about it. */
class World {
  readonly problem: FactorProblem;
  readonly model: FactorModel;
  readonly covariance: Matrix;
  readonly best: Float64Array;
  readonly #beta: Float64Array;

  constructor(readonly setting: Setting, rng: Rng) {
    const { d, r, strength } = setting;
    const directions = qr(rng.split("directions").normalMatrix(d, r)).q;
    this.#beta = new Float64Array(r).fill(1 / Math.sqrt(r));
    this.model = { loadings: directions.times(Math.sqrt(strength)), noiseVariance: 1 };
    this.covariance = gram(this.model.loadings, { side: "right" }).plus(Matrix.identity(d));
    this.best = bayesLinearPredictor(this.model, this.#beta);
    this.problem = problemOf(setting);
  }

  /** n inputs with their targets, which also depend on the noise of the input if `theta` is given. */
  draw(n: number, rng: Rng, theta?: Float64Array): { x: Matrix; y: Float64Array } {
    const { d, r, noise } = this.setting;
    const z = rng.normalMatrix(n, r);
    const mu = rng.normalMatrix(n, d);
    const x = matmul(z, this.model.loadings, { transposeB: true }).plus(mu);
    const y = matvec(z, this.#beta);
    const ofNoise = theta === undefined ? new Float64Array(n) : matvec(mu, theta);
    const scale = Math.sqrt(noise);
    return { x, y: y.map((value, i) => value + ofNoise[i] + scale * rng.normal()) };
  }

  /** The model that m unlabeled inputs give. */
  pretrain(m: number, rng: Rng, from: Row<"subspace">["sampled"] = sampledAs(m)): FactorModel {
    const { r } = this.setting;
    return from === "inputs"
      ? fitPpca(this.draw(m, rng).x, r)
      : fitPpcaToCovariance(wishart(this.covariance, m, { rng }).times(1 / m), r);
  }

  risk(w: Float64Array, best = this.best): number {
    return excessRisk(w, best, this.covariance);
  }

  /** Excess risk of the best predictor on the factors of a model. */
  bestRisk({ loadings }: FactorModel): number {
    const inner = matmul(loadings, matmul(this.covariance, loadings), { transposeA: true });
    const right = matvec(loadings, matvec(this.covariance, this.best), { transpose: true });
    return this.risk(matvec(loadings, solve(inner, right)));
  }

  /** What the formulas give. */
  expected(method: Method, m: number | null, n: number): number | null {
    const { d, r } = this.setting;
    const risk = irreducibleRisk(this.problem);
    if (method === "ols") return n >= d + 2 ? leastSquaresRisk(risk, d, n) : null;
    if (method === "oracle") return n >= r + 2 ? leastSquaresRisk(risk, r, n) : null;
    return method === "pretrained" && m !== null && n >= r + 2 ? pretrainedRisk(this.problem, m, n) : null;
  }
}

function sampledAs(m: number): Row<"subspace">["sampled"] {
  return m <= MOST_INPUTS ? "inputs" : "Wishart";
}

/** The weights that a method finds; `model` is the pretrained one. */
function fit(method: Method, world: World, x: Matrix, y: Float64Array, model?: FactorModel): Float64Array {
  const { r } = world.setting;
  switch (method) {
    case "ols":
      return leastSquares(x, y);
    case "ridge":
      return ridgeLeaveOneOut(x, y).weights;
    case "pcr":
      return regressOnFactors(fitPpca(x, r), x, y, { allowUnderdetermined: true }).weights;
    case "oracle":
      return regressOnFactors(world.model, x, y, { allowUnderdetermined: true }).weights;
    case "pretrained":
      return regressOnFactors(model!, x, y, { allowUnderdetermined: true }).weights;
  }
}

/** Excess risks of all methods over a grid of m and n. */
export function riskRows(
  { setting, ms, ns, replicates, seed }: {
    setting: Setting;
    ms: readonly number[];
    ns: readonly number[];
    replicates: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Row<"risk">[] {
  const rng = new Rng(seed).split("risk");
  const world = new World(setting, rng);
  const methods: { method: Method; m: number | null }[] = [
    ...(["ols", "ridge", "pcr", "oracle"] as const).map((method) => ({ method, m: null })),
    ...ms.map((m) => ({ method: "pretrained" as const, m })),
  ];
  const risks = ns.map(() => methods.map(() => [] as number[]));
  for (let k = 0; k < replicates; k++) {
    const models = new Map(ms.map((m) => [m, world.pretrain(m, rng)]));
    ns.forEach((n, i) => {
      const { x, y } = world.draw(n, rng);
      methods.forEach(({ method, m }, j) => {
        risks[i][j].push(world.risk(fit(method, world, x, y, models.get(m ?? 0))));
      });
    });
    report((k + 1) / replicates);
  }
  return ns.flatMap((n, i) =>
    methods.map(({ method, m }, j): Row<"risk"> => ({
      kind: "risk",
      setting,
      method,
      m,
      n,
      seed,
      replicates,
      mean: mean(risks[i][j]),
      q10: quantile(risks[i][j], 0.1),
      q90: quantile(risks[i][j], 0.9),
    }))
  );
}

/** Mean excess risks with their standard errors, of methods that see the same inputs and targets. */
export function meanRows(
  { setting, n, methods, m, replicates, seed }: {
    setting: Setting;
    n: number;
    methods: readonly Method[];
    /** Unlabeled inputs of the pretrained method. */
    m: number | null;
    replicates: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Row<"mean">[] {
  const rng = new Rng(seed).split(`mean ${n} ${m}`);
  const world = new World(setting, rng);
  const risks = methods.map(() => [] as number[]);
  for (let k = 0; k < replicates; k++) {
    const { x, y } = world.draw(n, rng);
    const model = m === null ? undefined : world.pretrain(m, rng);
    methods.forEach((method, j) => risks[j].push(world.risk(fit(method, world, x, y, model))));
    report((k + 1) / replicates);
  }
  return methods.map((method, j): Row<"mean"> => {
    const own = method === "pretrained" ? m : null;
    const expected = world.expected(method, own, n);
    return { kind: "mean", method, m: own, n, seed, replicates, ...estimate(risks[j]), expected };
  });
}

/** What the factors of m inputs cost with infinitely many targets. */
export function subspaceRows(
  { setting, m, sampled, replicates, seed }: {
    setting: Setting;
    m: number;
    sampled: Row<"subspace">["sampled"];
    replicates: number;
    seed: number;
  },
): Row<"subspace">[] {
  const rng = new Rng(seed).split(`subspace ${m} ${sampled}`);
  const world = new World(setting, rng);
  const risks = Array.from({ length: replicates }, () => world.bestRisk(world.pretrain(m, rng, sampled)));
  const expected = subspaceRisk(world.problem, m);
  return [{ kind: "subspace", m, sampled, seed, replicates, ...estimate(risks), expected }];
}

/** Regression on factors that were rotated, and mapped otherwise. */
export function invarianceRows({ setting, seed }: { setting: Setting; seed: number }): Row<"invariance">[] {
  const rng = new Rng(seed).split("invariance");
  const world = new World(setting, rng);
  const { x, y } = world.draw(100, rng);
  const model = world.pretrain(500, rng);
  const plain = fit("pretrained", world, x, y, model);
  const { r } = setting;
  const maps = {
    "rotation": haarOrthogonal(r, { rng }),
    "invertible map": rng.normalMatrix(r, r).plus(Matrix.identity(r), 3),
  };
  return Object.entries(maps).map(([map, matrix]) => {
    const mapped = { ...model, loadings: matmul(model.loadings, matrix) };
    const other = fit("pretrained", world, x, y, mapped);
    const change = Math.hypot(...other.map((value, j) => value - plain[j])) / Math.hypot(...plain);
    return { kind: "invariance", map: map as Row<"invariance">["map"], change };
  });
}

/** The first principal direction of inputs with one strong direction. */
export function spikeRows(
  { d, s, gamma, replicates, seed }: {
    d: number;
    s: number;
    gamma: number;
    replicates: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Row<"spike">[] {
  const rng = new Rng(seed).split(`spike ${d} ${s} ${gamma}`);
  const covariance = Matrix.diagonal([1 + s, ...new Float64Array(d - 1).fill(1)]);
  const m = Math.round(d / gamma);
  const values = Array.from({ length: replicates }, (_, k) => {
    const { vectors } = eigh(wishart(covariance, m, { rng }));
    report((k + 1) / replicates);
    return vectors.get(0, d - 1) ** 2;
  });
  const { mean: cosine2, standardError } = estimate(values);
  const sd = standardError * Math.sqrt(replicates);
  return [{ kind: "spike", d, s, gamma, seed, replicates, cosine2, sd, expected: spikedCosine2(s, gamma) }];
}

/** A target that depends on the input's noise in a direction without factors. */
export function noiseTargetRows(
  { setting, ns, m, size, replicates, seed }: {
    setting: Setting;
    ns: readonly number[];
    m: number;
    /** Length of the target's coefficients on the noise. */
    size: number;
    replicates: number;
    seed: number;
  },
): Row<"noise target">[] {
  const rng = new Rng(seed).split("noise target");
  const world = new World(setting, rng);
  // Orthogonal to all factors.
  const both = Matrix.from(
    setting.d,
    setting.r + 1,
    (i, j) => j < setting.r ? world.model.loadings.get(i, j) : rng.normal(),
  );
  const theta = qr(both).q.column(setting.r).map((value) => size * value);
  const best = world.best.map((value, j) => value + theta[j]);
  return ns.flatMap((n) => {
    const methods = ["ols", "pretrained"] as const;
    const risks = methods.map(() => [] as number[]);
    for (let k = 0; k < replicates; k++) {
      const { x, y } = world.draw(n, rng, theta);
      const model = world.pretrain(m, rng);
      methods.forEach((method, j) => risks[j].push(world.risk(fit(method, world, x, y, model), best)));
    }
    return methods.map((method, j): Row<"noise target"> => ({
      kind: "noise target",
      method,
      n,
      seed,
      replicates,
      mean: mean(risks[j]),
      floor: size ** 2,
    }));
  });
}

function estimate(values: readonly number[]): { mean: number; standardError: number } {
  const center = mean([...values]);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) /
    Math.max(1, values.length - 1);
  return { mean: center, standardError: Math.sqrt(variance / values.length) };
}
