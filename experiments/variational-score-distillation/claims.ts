/** What must be seen, as data: notes 7 numbers the criteria; 5 is proved in test/score_distillation. */
import { median } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  groupsOf,
  mean,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { WRONG } from "./flatland.ts";
import { collapseGuidance } from "./gaussian.ts";
import { conditional, WEIGHTS } from "./prompt.ts";
import type { Row } from "./rows.ts";

/** Root mean square error of a scene that counts as found. */
const GOOD = 0.1;

/** The sum of the variances of the prior in the plane. */
const TOTAL_VARIANCE = (() => {
  const { means, weights } = conditional;
  const center = [0, 1].map((k) => means.column(k).reduce((sum, x, i) => sum + weights[i] * x, 0));
  return weights.reduce((sum, w, i) => {
    const [x, y] = means.row(i);
    return sum + w * (2 * 0.04 + (x - center[0]) ** 2 + (y - center[1]) ** 2);
  }, 0);
})();

export const claims = defineClaims<Row>((claim) => ({
  law: claim({
    figure: "samples",
    criterion: 1,
    headline: true,
    statement:
      "Without guidance the particles of VSD are samples of the prior; those of SDS are all at one point.",
    source: fromFigure("Figure 3, in the plane", { notes: "6.1" }),
    measure: ({ study }) => {
      const [sds, vsd] = [of(study, "SDS", 1), of(study, "VSD", 1)];
      return {
        "energy distance of VSD to the prior": vsd.map(({ energy }) => energy!),
        "of SDS": sds.map(({ energy }) => energy!),
        "total variance of SDS": sds.map(({ totalVariance }) => totalVariance),
        "energy distance, SDS over VSD": sds.map(({ energy }, k) => energy! / vsd[k].energy!),
      };
    },
    expect: {
      "energy distance of VSD to the prior": below(0.01),
      "of SDS": above(0.4),
      "total variance of SDS": below(0.05),
      "energy distance, SDS over VSD": above(20),
    },
  }),
  shares: claim({
    figure: "samples",
    criterion: 1,
    statement: "VSD puts as many particles at each mode as the prior has there, and spreads them as far.",
    source: theorem("Theorem 1", { notes: "6.1" }),
    decidedBy: ({ study }) => {
      const rows = of(study, "VSD", 1).filter(({ particles, steps }) => particles >= 128 && steps >= 1500);
      return atLeastSeeds(rows, 3);
    },
    measure: ({ study }) => {
      const rows = of(study, "VSD", 1);
      return {
        "share of particles minus weight, all modes": rows.flatMap(({ shares }) =>
          shares.map((share, k) => share - WEIGHTS[k])
        ),
        "total variance over the prior's": rows.map(({ totalVariance }) => totalVariance / TOTAL_VARIANCE),
      };
    },
    expect: {
      "share of particles minus weight, all modes": within(-0.03, 0.03),
      "total variance over the prior's": near(1, { absolute: 0.03 }),
    },
  }),
  "one-attractor": claim({
    figure: "overshoot",
    criterion: 2,
    statement: "SDS has one attractor, whatever the start, and it is no mode.",
    source: derived("3.4"),
    measure: ({ attractor, settled }) => {
      const { x, y, distance } = attractor.find(({ guidance }) => guidance === 1)!;
      const off = (by: "flow" | "particles") =>
        settled.filter((row) => row.by === by).map((row) => Math.hypot(row.x - x, row.y - y));
      return {
        "mean of the particles from the attractor by quadrature": off("particles"),
        "ends of the mean flow, from each mode and from afar": off("flow"),
        "attractor to the nearest mode": distance,
      };
    },
    expect: {
      "mean of the particles from the attractor by quadrature": below(0.05),
      "ends of the mean flow, from each mode and from afar": below(0.001),
      "attractor to the nearest mode": above(0.2),
    },
  }),
  overshoot: claim({
    figure: "overshoot",
    criterion: 3,
    statement: "Guidance drives the point of SDS away from the mode: the more, the further.",
    source: derived("3.4"),
    measure: ({ attractor }) => {
      const { largest } = attractor[0];
      const [plain, guided, strong] = [1, 7.5, 100].map((guidance) =>
        attractor.find((row) => row.largest === largest && row.guidance === guidance)!.distance
      );
      return {
        "distance to the nearest mode at s = 7.5 minus at 1": guided - plain,
        "at s = 100 minus at 7.5": strong - guided,
      };
    },
    expect: {
      "distance to the nearest mode at s = 7.5 minus at 1": above(0),
      "at s = 100 minus at 7.5": above(0),
    },
    context: ({ attractor, study }) => ({
      "by quadrature at s = 1, 7.5, 100": attractor
        .filter((row) => [1, 7.5, 100].includes(row.guidance) && row.largest === attractor[0].largest)
        .map(({ distance }) => distance),
      "runs at s = 7.5": of(study, "SDS", 7.5).map(({ distance }) => distance),
      ...(of(study, "SDS", 100).length === 0
        ? {}
        : { "runs at s = 100": of(study, "SDS", 100).map(({ distance }) => distance) }),
    }),
  }),
  "as-samplers": claim({
    figure: "distances",
    criterion: 4,
    statement: "At a guidance of 7.5 VSD is nearer to ancestral sampling than SDS is.",
    source: fromFigure("Figure 3, in the plane", { notes: "6.1" }),
    decidedBy: ({ study }) => of(study, "VSD", 7.5).length > 0,
    measure: ({ study }) => ({ "energy distance to DDPM, VSD over SDS": energyRatios(study, 7.5) }),
    expect: { "energy distance to DDPM, VSD over SDS": below(0.8) },
    context: ({ study }) => ({
      "VSD": of(study, "VSD", 7.5).map(({ energy }) => energy!),
      "SDS": of(study, "SDS", 7.5).map(({ energy }) => energy!),
    }),
  }),
  "as-samplers-weakly-guided": claim({
    figure: "distances",
    criterion: 4,
    statement: "At a guidance of 3 it is nearer still.",
    source: derived("6.1"),
    decidedBy: ({ study }) => of(study, "VSD", 3).length > 0,
    measure: ({ study }) => ({ "energy distance to DDPM, VSD over SDS": energyRatios(study, 3) }),
    expect: { "energy distance to DDPM, VSD over SDS": below(0.5) },
  }),
  "modes-kept": claim({
    figure: "samples",
    criterion: 4,
    statement: "At a guidance of 7.5 SDS keeps one mode and VSD the second one, too.",
    source: derived("6.1"),
    decidedBy: ({ study }) => of(study, "VSD", 7.5).length > 0,
    measure: ({ study }) => ({
      "SDS, share at the first mode": of(study, "SDS", 7.5).map(({ shares }) => shares[0]),
      "VSD, share at the second": of(study, "VSD", 7.5).map(({ shares }) => shares[1]),
    }),
    expect: {
      "SDS, share at the first mode": near(1, { absolute: 1e-9 }),
      "VSD, share at the second": atLeast(0.08),
    },
    context: ({ study }) => ({
      "VSD, share at the third": of(study, "VSD", 7.5).map(({ shares }) => shares[2]),
    }),
  }),
  "gaussian-flow": claim({
    figure: "gaussians",
    criterion: 6,
    statement:
      "The variance of Gaussian particles follows its differential equation: to the prior's with VSD, to " +
      "zero with SDS.",
    source: derived("3.5"),
    measure: ({ variance }) => {
      const errors = (method: "SDS" | "VSD") =>
        variance.filter((row) => row.times === "own times" && row.method === method)
          .map(({ measured, exact }) => measured / exact - 1);
      return { "VSD over the equation, minus 1": errors("VSD"), "SDS, the same": errors("SDS") };
    },
    expect: {
      "VSD over the equation, minus 1": within(-0.01, 0.01),
      "SDS, the same": within(-0.01, 0.01),
    },
  }),
  "one-time-per-step": claim({
    figure: "gaussians",
    criterion: 6,
    statement:
      "With one time for all particles in a step, the flow is followed with the noise of these times.",
    source: derived("6.2"),
    decidedBy: ({ variance }) => atLeastSeeds(variance.filter(({ times }) => times === "one time"), 8),
    measure: ({ variance }) => {
      const errors = variance.filter(({ times }) => times === "one time")
        .map(({ measured, exact }) => measured / exact - 1);
      return { "variance over the equation minus 1, every run": errors, "their mean": mean(errors) };
    },
    expect: {
      "variance over the equation minus 1, every run": within(-0.15, 0.15),
      "their mean": within(-0.05, 0.05),
    },
  }),
  flatland: claim({
    figure: "scenes",
    criterion: 7,
    statement: "In Flatland all particles of SDS become the same scene; those of VSD become several.",
    source: fromFigure("the gallery of several particles, in two dimensions", { notes: "6.3" }),
    measure: ({ scene }) => ({
      "true scenes found by SDS": scenesFound(scene, "SDS"),
      "by VSD": scenesFound(scene, "VSD"),
    }),
    expect: { "true scenes found by SDS": within(1, 1), "by VSD": atLeast(2) },
  }),
  "three-scenes": claim({
    figure: "scenes",
    criterion: 7,
    statement: "VSD finds all three scenes in most runs, and most of its particles are good.",
    source: derived("6.3"),
    decidedBy: ({ scene }) => {
      const rows = single(scene, "VSD").filter(({ steps }) => steps >= 2000);
      return atLeastSeeds(rows, 3);
    },
    measure: ({ scene }) => {
      const found = scenesFound(scene, "VSD");
      const good = groupsOf(single(scene, "VSD"), "seed").map(({ rows }) =>
        rows.filter(({ rmse }) => rmse < GOOD).length
      );
      return {
        "share of runs with all three": found.filter((count) => count === 3).length / found.length,
        "good particles of 8, median": good.length === 0 ? NaN : median(good),
      };
    },
    expect: { "share of runs with all three": atLeast(0.66), "good particles of 8, median": atLeast(6) },
  }),
  broken: claim({
    figure: "ablations",
    criterion: 8,
    statement:
      "The sign of the particles' score and the noise it is taken at matter: with either one wrong the law " +
      "is missed.",
    source: derived("3.3"),
    measure: ({ study }) => ({
      "VSD with the wrong sign, energy distance": of(study, "VSD, wrong sign", 1).map(({ energy }) =>
        energy!
      ),
      "VSD with fresh noise": of(study, "VSD, fresh noise", 1).map(({ energy }) => energy!),
      "SDS with fresh noise, total variance": of(study, "SDS, fresh noise", 1)
        .map(({ totalVariance }) => totalVariance),
    }),
    expect: {
      "VSD with the wrong sign, energy distance": above(0.01),
      "VSD with fresh noise": above(0.01),
      "SDS with fresh noise, total variance": above(0.05),
    },
    context: ({ study }) => ({
      "SDS with fresh noise, energy distance": of(study, "SDS, fresh noise", 1).map(({ energy }) => energy!),
    }),
  }),
  "two-faces": claim({
    figure: "faces",
    statement:
      "Where VSD gets a scene wrong, it looks like one true scene from some sides and like another from " +
      "others: the prior sees one view at a time. A prior that sees two at once leaves no such scene.",
    source: derived("11.1"),
    decidedBy: ({ scene }) => atLeastSeeds(scene.filter(({ views }) => views === 2), 3),
    measure: ({ scene }) => {
      const wrong = single(scene, "VSD").filter(({ rmse }) => rmse > WRONG);
      return {
        "wrong scenes of a prior for one view": wrong.length,
        "true scenes that a wrong one shows from some side": wrong.map(({ nearestByView }) =>
          new Set(nearestByView).size
        ),
        "error of the worst scene of a prior for two views": scene.filter(({ views }) => views === 2)
          .reduce((worst, { rmse }) => Math.max(worst, rmse), 0),
      };
    },
    expect: {
      "wrong scenes of a prior for one view": atLeast(1),
      "true scenes that a wrong one shows from some side": atLeast(2),
      "error of the worst scene of a prior for two views": below(GOOD),
    },
    context: ({ scene }) => {
      const wrong = single(scene, "VSD").filter(({ rmse }) => rmse > WRONG);
      return {
        "error of the wrong scenes": wrong.map(({ rmse }) => rmse),
        "median error of their views to the nearest scene": wrong.map(({ rmseByView }) => median(rmseByView)),
      };
    },
  }),
  collapse: claim({
    figure: "collapse",
    statement:
      "For Gaussians, guidance moves the mean past what was asked for, by a formula, and from a finite " +
      "weight on VSD collapses to a point like SDS.",
    source: derived("3.5"),
    measure: ({ guided }) => ({
      "mean over the formula, minus 1": guided.map(({ mean, exactMean }) => mean / exactMean - 1),
      "variance beyond the collapse over that without guidance": guided.filter(({ guidance }) =>
        guidance > collapseGuidance()
      )
        .map(({ variance }) => variance / guided.find(({ guidance }) => guidance === 1)!.variance),
    }),
    expect: {
      "mean over the formula, minus 1": within(-0.01, 0.01),
      "variance beyond the collapse over that without guidance": below(0.1),
    },
    context: ({ guided }) => ({
      "weight of the collapse": collapseGuidance(),
      "variance": guided.map(({ variance }) => variance),
    }),
  }),
  "better-than-independent": claim({
    figure: "counts",
    statement:
      "With one particle VSD is SDS, without spread; with several they represent the prior better than as " +
      "many independent samples.",
    source: derived("6.1"),
    measure: ({ count }) => ({
      "energy distance over that expected of independent samples, 2 particles or more": count
        .filter(({ particles }) => particles > 1).map(({ energy, independent }) => energy / independent),
      "total variance of one particle": count.filter(({ particles }) => particles === 1)
        .map(({ totalVariance }) => totalVariance),
    }),
    expect: {
      "energy distance over that expected of independent samples, 2 particles or more": below(1),
      "total variance of one particle": atMost(0),
    },
  }),
  "control-variate": claim({
    figure: null,
    statement:
      "Leaving the drawn noise out of the residual, as SJC does, leaves the points at one mode and scatters " +
      "them more widely.",
    source: derived("4"),
    measure: ({ study }) => {
      const sjc = of(study, "SJC", 1);
      const sds = of(study, "SDS", 1);
      return {
        "share of SJC at the first mode": sjc.map(({ shares }) => shares[0]),
        "total variance, SJC over SDS": sjc.map((row) =>
          row.totalVariance / sds.find(({ seed }) => seed === row.seed)!.totalVariance
        ),
      };
    },
    expect: {
      "share of SJC at the first mode": near(1, { absolute: 1e-9 }),
      "total variance, SJC over SDS": above(1.5),
    },
  }),
}));

function of(rows: readonly Row<"study">[], method: Row<"study">["method"], guidance: number): Row<"study">[] {
  return rows.filter((row) => row.method === method && row.guidance === guidance);
}

/** Seed by seed: the same start, times and noise. */
function energyRatios(rows: readonly Row<"study">[], guidance: number): number[] {
  const sds = of(rows, "SDS", guidance);
  return of(rows, "VSD", guidance).map((row) =>
    row.energy! / sds.find(({ seed }) => seed === row.seed)!.energy!
  );
}

/** Scenes of a prior that sees one view. */
function single(rows: readonly Row<"scene">[], method: Row<"scene">["method"]): Row<"scene">[] {
  return rows.filter((row) => row.method === method && row.views === 1);
}

/** How many true scenes are the nearest of some particle, seed by seed. */
function scenesFound(rows: readonly Row<"scene">[], method: Row<"scene">["method"]): number[] {
  return groupsOf(single(rows, method), "seed").map(({ rows }) => distinct(rows, "nearest").length);
}
