/** Particles in the plane: SDS, VSD and their ablations beside samplers of the same prior. */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { ancestralSample, type NoisePredictor, scaledLinearSchedule } from "../../lib/diffusion/mod.ts";
import {
  annealedTimes,
  distill,
  type DistillationMethod,
  type DistillOptions,
  particleCloud,
  type VariationalModel,
} from "../../lib/score_distillation/mod.ts";
import { energyDistance } from "../../lib/statistics/mod.ts";
import { cloudSummary, conditional, promptAt } from "./prompt.ts";
import type { Row, Sampler, Variant } from "./rows.ts";

const schedule = scaledLinearSchedule();

/** Large guidance needs small steps. */
function learningRateAt(guidance: number): number {
  return guidance === 1 ? 0.1 : guidance <= 10 ? 0.05 : 0.005;
}

/** How many steps, and where the times end after the switch. */
export interface Length {
  steps: number;
  annealTo: number;
}

function optionsOf(guidance: number, { steps, annealTo }: Length): Omit<DistillOptions, "rng"> {
  return {
    prior: promptAt(guidance),
    steps,
    learningRate: learningRateAt(guidance),
    times: annealedTimes(steps, { annealTo }),
  };
}

/** The particles' model, with the sign of its prediction turned. */
const wrongSign: VariationalModel = (images) => {
  const cloud = particleCloud(images);
  return {
    dim: cloud.dim,
    noisePrediction: (x, alpha, sigma) => cloud.noisePrediction(x, alpha, sigma).map((value) => -value),
  };
};

/** The noise of other noisy images of the same particles, predicted as VSD does, or as it was drawn. */
function freshNoise(rng: Rng, isPredicted: boolean): VariationalModel {
  return (images) => ({
    dim: images.columns,
    noisePrediction: (x, alpha, sigma) => {
      const noise = rng.normals(x.length);
      if (!isPredicted) return noise;
      const other = images.data.map((value, k) => alpha * value + sigma * noise[k]);
      return particleCloud(images).noisePrediction(other, alpha, sigma);
    },
  });
}

/** What a variant changes. */
function changed(variant: Variant, rng: Rng): { method: DistillationMethod } & Partial<DistillOptions> {
  switch (variant) {
    case "SDS":
      return { method: "sds" };
    case "VSD":
      return { method: "vsd" };
    case "SJC":
      return { method: "sjc" };
    case "SDS, not annealed":
      return { method: "sds", times: [20, 980] };
    case "VSD, not annealed":
      return { method: "vsd", times: [20, 980] };
    case "VSD, ω = 1":
      return { method: "vsd", weight: () => 1 };
    case "SDS, fresh noise":
      return { method: "vsd", variational: freshNoise(rng.split("fresh"), false) };
    case "VSD, fresh noise":
      return { method: "vsd", variational: freshNoise(rng.split("fresh"), true) };
    case "VSD, wrong sign":
      return { method: "vsd", variational: wrongSign };
  }
}

/** A trial of the study: some variants and samplers of one seed, from the same start and the same noise. */
export interface StudyTrial extends Length {
  guidance: number;
  seed: number;
  particles: number;
  variants: Variant[];
  samplers: Sampler[];
  /** Draws of a sampler, and of the prior. */
  draws: number;
  priorDraws: number;
  /** Whether the points are kept. */
  drawn: boolean;
}

export function studyRows(trial: StudyTrial, report: (fraction: number) => void): Row[] {
  const { guidance, seed, particles, steps, variants, samplers, draws, priorDraws, drawn } = trial;
  const rng = new Rng(seed);
  const clouds = new Map<Variant | Sampler, Matrix>();
  const parts = variants.length + samplers.length;
  for (const sampler of samplers) {
    clouds.set(sampler, sample(promptAt(guidance), draws, sampler, rng.split(sampler)));
    report(clouds.size / parts);
  }
  const start = rng.split("start").normalMatrix(particles, 2);
  for (const variant of variants) {
    const options = { ...optionsOf(guidance, trial), ...changed(variant, rng), rng: new Rng(seed) };
    clouds.set(variant, distill(start, options));
    report(clouds.size / parts);
  }
  const reference = guidance === 1
    ? conditional.sample(priorDraws, { rng: rng.split("prior") })
    : clouds.get("DDPM");
  const deterministic = clouds.get("DDIM");
  const to = (cloud: Matrix, other: Matrix | undefined) =>
    other === undefined || other === cloud ? null : energyDistance(cloud, other);
  const rows: Row[] = [];
  for (const [method, cloud] of clouds) {
    rows.push(
      {
        kind: "study",
        method,
        guidance,
        seed,
        particles: cloud.rows,
        steps,
        energy: to(cloud, reference),
        energyDdim: to(cloud, deterministic),
        ...cloudSummary(cloud),
      } satisfies Row<"study">,
    );
    if (drawn) {
      rows.push(
        ...pointsOf(cloud, Math.min(particles, DRAWN)).map(([x, y]) => point(method, guidance, x, y)),
      );
    }
  }
  return rows;
}

function point(method: Variant | Sampler, guidance: number, x: number, y: number): Row<"point"> {
  return { kind: "point", method, guidance, x, y };
}

/** Points that are drawn of a cloud: more would only hide each other. */
const DRAWN = 80;

/** The first points, to a thousandth. */
function pointsOf(cloud: Matrix, most: number): number[][] {
  return cloud.slice(0, Math.min(most, cloud.rows)).toRows().map((row) =>
    row.map((value) => Math.round(1000 * value) / 1000)
  );
}

/** Ancestral sampling of all steps, or its deterministic limit, for which every tenth is enough. */
function sample(prior: NoisePredictor, n: number, sampler: Sampler, rng: Rng): Matrix {
  const eta = sampler === "DDPM" ? 1 : 0;
  const stride = sampler === "DDPM" ? 1 : 10;
  const times = Float64Array.from({ length: 1000 / stride }, (_, k) => 999 - stride * k);
  return ancestralSample(prior, rng.normalMatrix(n, 2), { schedule, times, eta, rng });
}

/** Particles on their way. */
export function frameRows(
  trial: Length & { particles: number; seed: number; frames: number[] },
): Row<"frame">[] {
  const start = new Rng(trial.seed).split("start").normalMatrix(trial.particles, 2);
  return (["SDS", "VSD"] as const).flatMap((method) => {
    const rows: Row<"frame">[] = [];
    distill(start, {
      ...optionsOf(1, trial),
      method: method === "SDS" ? "sds" : "vsd",
      rng: new Rng(trial.seed),
      onStep({ step, scenes }) {
        if (!trial.frames.includes(step)) return;
        rows.push(
          ...pointsOf(scenes, scenes.rows).map(([x, y]): Row<"frame"> => ({
            kind: "frame",
            method,
            step,
            x,
            y,
          })),
        );
      },
    });
    return rows;
  });
}

/** VSD with few or many particles. */
export function countRow(
  trial: Length & { particles: number; seed: number; priorDraws: number; drawn: boolean },
): Row<"count"> {
  const { particles, seed, priorDraws, drawn } = trial;
  const rng = new Rng(seed);
  const start = rng.split("start").normalMatrix(particles, 2);
  const cloud = distill(start, { ...optionsOf(1, trial), method: "vsd", rng: new Rng(seed) });
  const reference = conditional.sample(priorDraws, { rng: rng.split("prior") });
  return {
    kind: "count",
    particles,
    seed,
    totalVariance: cloudSummary(cloud).totalVariance,
    energy: energyDistance(cloud, reference),
    independent: meanDistance(reference) * (1 / particles + 1 / priorDraws),
    points: drawn ? pointsOf(cloud, DRAWN) : [],
  };
}

/** The mean distance of two different points of a sample. */
function meanDistance(points: Matrix): number {
  const n = points.rows;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const [x, y] = points.row(i);
    for (let j = 0; j < i; j++) sum += Math.hypot(x - points.data[2 * j], y - points.data[2 * j + 1]);
  }
  return 2 * sum / (n * (n - 1));
}

/** Where SDS ends at a small learning rate, which follows the mean gradient. */
export function settledRow({ seed, particles, steps, annealTo }: Length & {
  seed: number;
  particles: number;
}): Row<"settled"> {
  const rng = new Rng(seed);
  const start = rng.split("start").normalMatrix(particles, 2);
  const options = { ...optionsOf(1, { steps, annealTo }), learningRate: 0.02, rng: new Rng(seed) };
  const [x, y] = cloudSummary(distill(start, { ...options, method: "sds" })).mean;
  return { kind: "settled", by: "particles", start: "N(0, I)", seed, x, y };
}
