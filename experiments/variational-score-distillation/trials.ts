/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { attractorRows } from "./attractor.ts";
import { flatlandRows } from "./flatland.ts";
import { guidedRow, oneTimeRow, ownTimesRows } from "./gaussian.ts";
import { countRow, frameRows, settledRow, studyRows } from "./plane.ts";
import type { Sampler, Variant } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of the study in the plane. */
  seeds: number;
  /** Particles in the plane. */
  particles: number;
  /** Steps in the plane. */
  steps: number;
  /** Largest time of the schedule after the switch at a fifth of the steps. */
  annealTo: number;
  /** Weight of the guidance. */
  guidance: number;
  /** Further weights. */
  guidances: number[];
  /** Samplers of the prior, and the draws of each. */
  samplers: Sampler[];
  draws: number;
  /** Exact draws of the prior. */
  priorDraws: number;
  /** Seeds of the ablations. */
  ablationSeeds: number;
  /** Seeds of SDS with a small learning rate. */
  settledSeeds: number;
  /** Numbers of particles. */
  counts: number[];
  countSeeds: number;
  /** Along which the attractor of SDS is followed, and for which further ends of the range of times. */
  ladder: { guidances: number[]; ends: number[] };
  /** Nodes of the quadrature in each direction of the noise. */
  nodes: number;
  /** Gaussian particles with times of their own. */
  gaussianParticles: number;
  /** Runs of the loop with one time per step, and their particles. */
  oneTimeRuns: number;
  oneTimeParticles: number;
  /** Guidance of Gaussians, and how long their flow is followed. */
  gaussianGuidances: number[];
  gaussianTau: number;
  /** Their learning rate. */
  gaussianRate: number;
  /** Seeds, particles and steps in Flatland. */
  flatlandSeeds: number;
  flatlandParticles: number;
  flatlandSteps: number;
  /** Seeds of Flatland with a prior that sees two views at once. */
  jointSeeds: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  particles: 128,
  steps: 1500,
  annealTo: 500,
  guidance: 7.5,
  guidances: [3, 100],
  draws: 2000,
  priorDraws: 4000,
  samplers: ["DDPM", "DDIM"],
  ablationSeeds: 3,
  settledSeeds: 3,
  counts: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  countSeeds: 3,
  ladder: { guidances: [1, 1.5, 2, 3, 5, 7.5, 10, 15, 25, 50, 75, 100], ends: [980] },
  nodes: 16,
  gaussianParticles: 20_000,
  oneTimeRuns: 8,
  oneTimeParticles: 256,
  gaussianGuidances: [1, 1.5, 2, 2.5, 3],
  gaussianTau: 60,
  gaussianRate: 0.01,
  flatlandSeeds: 3,
  flatlandParticles: 8,
  flatlandSteps: 2000,
  jointSeeds: 3,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 2,
    particles: 64,
    steps: 600,
    guidances: [],
    draws: 300,
    priorDraws: 1500,
    samplers: ["DDPM" as const],
    ablationSeeds: 1,
    settledSeeds: 1,
    counts: [1, 4, 16, 64],
    countSeeds: 1,
    ladder: { guidances: [1, 3, 7.5, 30, 100], ends: [] },
    nodes: 8,
    gaussianParticles: 2000,
    oneTimeRuns: 1,
    oneTimeParticles: 64,
    gaussianGuidances: [1, 2, 3],
    gaussianTau: 30,
    gaussianRate: 0.02,
    flatlandSeeds: 1,
    flatlandSteps: 1000,
    jointSeeds: 0,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 8,
    guidances: [1.5, 2, 3, 5, 15, 30, 100],
    draws: 4000,
    priorDraws: 8000,
    ablationSeeds: 8,
    settledSeeds: 8,
    countSeeds: 8,
    oneTimeRuns: 24,
    oneTimeParticles: 1000,
    gaussianTau: 200,
    flatlandSeeds: 12,
    jointSeeds: 12,
  },
};

const COMPARED: Variant[] = ["SDS", "VSD"];
const ABLATIONS: Variant[] = [
  "SJC",
  "SDS, not annealed",
  "VSD, not annealed",
  "VSD, ω = 1",
  "SDS, fresh noise",
  "VSD, fresh noise",
  "VSD, wrong sign",
];
/** Guidance at which samplers are far from what the prior is, and their scores too large for their steps. */
const BEYOND_SAMPLERS = 50;

export const { trials, run } = defineTrials<Params>()((kind) => ({
  // The longest first.
  flatland: kind({
    over: (
      { seed, flatlandSeeds, flatlandParticles: particles, flatlandSteps: steps, annealTo, jointSeeds },
    ) => {
      const methods = ["VSD" as const, "SDS" as const];
      const all = [
        ...grid({ method: ["VSD" as const], seed: seedsOf({ seed, seeds: jointSeeds }), views: [2] }),
        ...grid({ method: methods, seed: seedsOf({ seed, seeds: flatlandSeeds }), views: [1] }),
      ];
      return all.map((one) => ({
        ...one,
        particles,
        steps,
        annealTo,
        drawn: one.seed === seed && one.views === 1,
      }));
    },
    run: flatlandRows,
  }),
  study: kind({
    over: ({ seed, guidance, guidances, steps, annealTo, particles, draws, ...p }) =>
      [...new Set([1, guidance, ...guidances])].flatMap((weight) =>
        seedsOf({ seed, seeds: p.seeds }).map((one) => ({
          guidance: weight,
          seed: one,
          particles,
          steps,
          annealTo,
          variants: weight === 1 && one < seed + p.ablationSeeds ? [...COMPARED, ...ABLATIONS] : COMPARED,
          samplers: weight > BEYOND_SAMPLERS ? [] : p.samplers,
          draws,
          priorDraws: p.priorDraws,
          drawn: one === seed,
        }))
      ),
    run: studyRows,
  }),
  attractor: kind({
    over: ({ nodes, annealTo, ladder }) =>
      [...new Set([annealTo, ...ladder.ends])].map((largest, k) => ({
        largest,
        nodes,
        guidances: ladder.guidances,
        isFlowRun: k === 0,
      })),
    run: attractorRows,
  }),
  settled: kind({
    over: ({ seed, settledSeeds, particles, steps, annealTo }) =>
      grid({ seed: seedsOf({ seed, seeds: settledSeeds }) }).map((one) => ({
        ...one,
        particles,
        // As far as 1500 steps at a learning rate of 0.02, whatever the size of the study.
        steps: Math.max(steps, 1500),
        annealTo,
      })),
    run: (trial) => [settledRow(trial)],
  }),
  count: kind({
    over: ({ seed, counts, countSeeds, priorDraws, steps, annealTo }) =>
      grid({ particles: counts, seed: seedsOf({ seed, seeds: countSeeds }) }).map((one) => ({
        ...one,
        priorDraws: Math.min(priorDraws, 2000),
        steps,
        annealTo,
        drawn: one.seed === seed,
      })),
    run: (trial) => [countRow(trial)],
  }),
  frames: kind({
    over: ({ seed, steps, annealTo }) => [{
      seed,
      particles: 48,
      steps,
      annealTo,
      frames: [0, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35, 0.6, 1].map((share) => Math.round(share * steps)),
    }],
    run: frameRows,
  }),
  ownTimes: kind({
    over: ({ seed, gaussianParticles: particles }) =>
      grid({ method: ["VSD" as const, "SDS" as const], seed: [seed] }).map((one) => ({
        ...one,
        particles,
        // The variance of SDS decays so far that the step's own error must be small: notes 6.2.
        learningRate: one.method === "VSD" ? 0.05 : 0.01,
        taus: one.method === "VSD" ? [0.5, 1, 2, 5, 10, 20] : [0.5, 1, 2, 5],
      })),
    run: ownTimesRows,
  }),
  oneTime: kind({
    over: ({ seed, oneTimeRuns, oneTimeParticles: particles }) =>
      grid({ seed: seedsOf({ seed, seeds: oneTimeRuns }), particles: [particles] }),
    run: (trial) => [oneTimeRow(trial)],
  }),
  guided: kind({
    over: ({ seed, gaussianGuidances, gaussianParticles, gaussianTau: tau, gaussianRate: learningRate }) =>
      grid({ guidance: gaussianGuidances, seed: [seed] }).map((one) => ({
        ...one,
        particles: Math.min(gaussianParticles, 500),
        tau,
        learningRate,
      })),
    run: (trial) => [guidedRow(trial)],
  }),
}));
