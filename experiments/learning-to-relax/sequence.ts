/** Sequences of linear systems that are solved by SOR, and who chooses its parameter: notes 3.1, 3.4 and 3.5. */
import { mean } from "simple-statistics";
import { Rng } from "../../lib/arrays/mod.ts";
import {
  type Bandit,
  ChebyshevBandit,
  ContextBins,
  TsallisInf,
  type TsallisNewton,
} from "../../lib/bandits/mod.ts";
import { FivePointStencil, jacobiRadius, optimalOmega, sorIterations } from "../../lib/sparse/mod.ts";
import type { LearnerName, Method, Row, Setting, Variance } from "./rows.ts";

/** Grid points per side. */
const SIDE = 10;
/** Of the shifts that ChebCB and the bins know. */
const RANGE: [number, number] = [-0.15, 0.65];
/** Rounds at the end of a run whose choices are kept. */
const LATE = 120;

/** The Laplacian of the grid with a shifted diagonal. */
export function shifted(shift: number): FivePointStencil {
  return new FivePointStencil(SIDE, SIDE, { centre: 4 + shift });
}

/** Parameters from 1 to 1.95. */
export function actionGrid(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 + 0.95 * i / (count - 1));
}

/** What determines the instances. */
type Draws = Pick<Setting, "alpha" | "beta" | "seed">;

/** Draws shifts and right-hand sides, normal ones of a norm of at most that of ones. */
function instances({ alpha, beta, seed }: Draws): () => { shift: number; b: Float64Array } {
  const rng = new Rng(seed).split("instances");
  return () => {
    const shift = -0.15 + 0.6 * rng.beta(alpha, beta);
    for (;;) {
      const b = rng.normals(SIDE ** 2);
      if (b.reduce((sum, x) => sum + x * x, 0) <= b.length) return { shift, b };
    }
  };
}

/** A learner with a stream of its own. */
export function learner(
  name: LearnerName,
  setting: Pick<Setting, "actions" | "degree" | "seed">,
  { range = RANGE, bins = 5, newton = "safeguarded" as TsallisNewton } = {},
): Bandit {
  const actions = actionGrid(setting.actions);
  const rng = new Rng(setting.seed).split(name);
  if (name === "Tsallis-INF") return new TsallisInf(actions, { rng, newton });
  if (name === "ChebCB") return new ChebyshevBandit(actions, { rng, range, degree: setting.degree });
  return new ContextBins((bin) => new TsallisInf(actions, { rng: rng.split(bin) }), { bins, range });
}

/** Lets all of them choose parameters for the same instances; calls `seen` after each round. */
function play(
  draws: Draws,
  rounds: number,
  { learners, fixed, optimal }: { learners: Bandit[]; fixed: number[]; optimal: boolean },
  seen: (round: number, shift: number, omegas: number[], costs: Int32Array) => void,
): void {
  const draw = instances(draws);
  for (let round = 1; round <= rounds; round++) {
    const { shift, b } = draw();
    const a = shifted(shift);
    const omegas = [...learners.map((bandit) => bandit.predict(shift)), ...fixed];
    if (optimal) omegas.push(optimalOmega(jacobiRadius(a)));
    const costs = sorIterations(a, b, omegas);
    learners.forEach((bandit, i) => bandit.update(costs[i]));
    seen(round, shift, omegas, costs);
  }
}

/** The trial of the main comparison. */
export interface SequenceTrial extends Setting {
  variance: Variance;
  rounds: number;
  fixed: number[];
  /** Whether the choices at the end are kept. */
  keepChoices: boolean;
}

/** The learners, fixed parameters and the optimal one for each instance. */
export function sequenceRows(
  { variance, rounds, fixed, keepChoices, alpha, beta, actions, degree, seed }: SequenceTrial,
  report: (fraction: number) => void,
): (Row<"progress"> | Row<"choice"> | Row<"probability">)[] {
  const setting: Setting = { alpha, beta, actions, degree, seed };
  const names: LearnerName[] = ["Tsallis-INF", "Tsallis-INF-CB", "ChebCB"];
  const learners = names.map((name) => learner(name, setting));
  const contenders: { method: Method; omega: number | null }[] = [
    ...names.map((method) => ({ method, omega: null })),
    ...fixed.map((omega) => ({ method: "fixed" as const, omega })),
    { method: "instance-optimal", omega: null },
  ];
  const totals = contenders.map(() => 0);
  const progress: Row<"progress">[] = [];
  const choices: Row<"choice">[] = [];
  const sums = new ProbabilitySums();
  sums.add(learners[0]);
  play(setting, rounds, { learners, fixed, optimal: true }, (round, shift, omegas, costs) => {
    costs.forEach((cost, i) => totals[i] += cost);
    if (round < rounds) sums.add(learners[0]);
    if (round % (rounds > 2500 ? 200 : 100) === 0 || round === rounds) {
      report(round / rounds);
      contenders.forEach((contender, i) =>
        progress.push({
          kind: "progress",
          variance,
          ...setting,
          rounds,
          ...contender,
          round,
          total: totals[i],
        })
      );
    }
    if (keepChoices && round > rounds - LATE) {
      names.forEach((method, i) =>
        choices.push({ kind: "choice", variance, method, shift, omega: omegas[i] })
      );
    }
  });
  const newton = "safeguarded" as const;
  const { worst, broken } = sums;
  const probability = {
    kind: "probability" as const,
    newton,
    variance,
    seed,
    rounds,
    worst,
    broken,
    total: totals[0],
  };
  return [...progress, ...choices, probability];
}

/** Follows the sum of a bandit's probabilities from round to round. */
class ProbabilitySums {
  /** The largest distance of a sum from 1. */
  worst = 0;
  /** The first round in which it was above 1e-6. */
  broken: number | null = null;
  /** The sum in the round that comes. */
  last = 1;
  #round = 0;

  add(bandit: Bandit): void {
    this.#round++;
    this.last = bandit.probabilities().reduce((sum, p) => sum + p, 0);
    const off = Math.abs(this.last - 1);
    // The released code goes on with equal probabilities where they are not finite.
    this.worst = Math.max(this.worst, Number.isFinite(off) ? off : Number.MAX_VALUE);
    if (!(off <= 1e-6)) this.broken ??= this.#round;
  }
}

/** The trial of the ways to solve for the probabilities of Tsallis-INF. */
export interface NewtonTrial extends Setting {
  newtons: TsallisNewton[];
  /** Of the learners, which all solve the same instances. */
  seeds: number[];
  rounds: number;
}

/** Tsallis-INF with the safeguarded and the released way to solve for its probabilities. */
export function newtonRows(
  { newtons, seeds, rounds, ...setting }: NewtonTrial,
): (Row<"probability"> | Row<"weight">)[] {
  const weights: Row<"weight">[] = [];
  const runs = seeds.flatMap((seed) =>
    newtons.map((newton) => ({
      seed,
      newton,
      bandit: learner("Tsallis-INF", { ...setting, seed }, { newton }),
      sums: new ProbabilitySums(),
      total: 0,
      window: [] as number[],
    }))
  );
  const learners = runs.map(({ bandit }) => bandit);
  for (const { sums, bandit } of runs) sums.add(bandit);
  play(setting, rounds, { learners, fixed: [], optimal: false }, (round, _shift, omegas, costs) => {
    runs.forEach((one, i) => {
      one.total += costs[i];
      one.window = [...one.window.slice(-24), omegas[i]];
      const sum = one.sums.last;
      if (one.seed === seeds[0] && Number.isFinite(sum) && round % 10 === 0) {
        weights.push({ kind: "weight", newton: one.newton, round, sum, omega: mean(one.window) });
      }
      if (round < rounds) one.sums.add(one.bandit);
    });
  });
  return [
    ...runs.map(({ newton, seed, sums: { worst, broken }, total }) => ({
      kind: "probability" as const,
      newton,
      variance: "high" as const,
      seed,
      rounds,
      worst,
      broken,
      total,
    })),
    ...weights,
  ];
}

/** The trial of learners with other numbers of actions and other degrees. */
export interface PriceTrial extends Pick<Setting, "alpha" | "beta" | "seed"> {
  variants: { method: LearnerName; actions: number; degree: number }[];
  rounds: number;
}

/** What another number of actions or another degree costs. */
export function priceRows({ variants, rounds, alpha, beta, seed }: PriceTrial): Row<"price">[] {
  const totals = variants.map(() => 0);
  const learners = variants.map(({ method, ...variant }) => learner(method, { seed, ...variant }));
  play(
    { alpha, beta, seed },
    rounds,
    { learners, fixed: [], optimal: false },
    (_round, _shift, _omegas, costs) => {
      costs.forEach((cost, i) => totals[i] += cost);
    },
  );
  return variants.map((variant, i) => ({
    kind: "price",
    rounds,
    alpha,
    beta,
    seed,
    ...variant,
    total: totals[i],
  }));
}
