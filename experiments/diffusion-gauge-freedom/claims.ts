/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  fromFigure,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { median } from "simple-statistics";
import type { FieldKind, NetworkKey, Row } from "./rows.ts";
import { PATH_STEPS } from "./sampling.ts";

export const claims = defineClaims<Row>((claim) => ({
  "exact-sampling": claim({
    figure: "steps",
    criterion: 1,
    headline: true,
    statement:
      "A field that is 71 % gauge, and no gradient, samples the mixture as exactly as the score does.",
    source: theorem("Exact sampling and densities", { notes: "3.2" }),
    measure: ({ sampling, norm }) => ({
      "energy distance without gauge": finest(sampling, 0),
      "with the gauge A∇log p": finest(sampling, 1),
      "|r|/|s| at all points": extremes(norm, 1),
      "residual of the gauge condition times σ²": norm.map(({ residual }) => residual),
    }),
    expect: {
      "energy distance without gauge": below(0.006),
      "with the gauge A∇log p": below(0.006),
      "|r|/|s| at all points": near(Math.SQRT1_2, { absolute: 1e-12 }),
      "residual of the gauge condition times σ²": below(1e-8),
    },
  }),
  "exact-sampling-median": claim({
    figure: "steps",
    criterion: 1,
    statement: "The median distance over seeds is that of exact draws, with the gauge and without.",
    source: derived("7"),
    decidedBy: ({ sampling }) => atLeastSeeds(sampling, 3),
    measure: ({ sampling }) => ({
      "median without gauge": median(finest(sampling, 0)),
      "with the gauge": median(finest(sampling, 1)),
    }),
    expect: { "median without gauge": below(0.003), "with the gauge": below(0.003) },
  }),
  "not-sufficient": claim({
    figure: "clouds",
    criterion: 2,
    statement:
      "A conservative field that is 20 % too strong or too weak samples a wrong law, and so does one with an " +
      "ordinary divergence-free remainder.",
    source: theorem("Conservativity is not sufficient", { notes: "3.2" }),
    decidedBy: ({ sampling }) => wrong(sampling, "scaled", 0.2).length > 0,
    measure: ({ sampling }) => ({
      "energy distance of 1.2 ∇log p": wrong(sampling, "scaled", 0.2),
      "of 0.8 ∇log p": wrong(sampling, "scaled", -0.2),
      "of ∇log p + Jx": wrong(sampling, "rotation", 1),
    }),
    expect: {
      "energy distance of 1.2 ∇log p": above(0.2),
      "of 0.8 ∇log p": above(0.2),
      "of ∇log p + Jx": above(0.2),
    },
  }),
  "weak-rotation": claim({
    figure: null,
    criterion: 2,
    statement: "Even a fifth of that rotation is seen.",
    source: derived("7"),
    decidedBy: ({ sampling }) => atLeastSeeds(weakRotation(sampling), 3),
    measure: ({ sampling }) => ({
      "median energy distance of ∇log p + 0.2 Jx": median(wrong(sampling, "rotation", 0.2)),
    }),
    expect: { "median energy distance of ∇log p + 0.2 Jx": above(0.015) },
  }),
  likelihood: claim({
    figure: null,
    criterion: 3,
    statement:
      "The gauge does not change log-densities, up to the solver's error; a conservative factor does.",
    source: theorem("Exact sampling and densities", { notes: "3.2" }),
    decidedBy: ({ likelihood }) => likelihood.some(({ strength }) => strength === 5),
    measure: ({ likelihood }) => {
      const of = (field: string, strength: number) =>
        likelihood.filter((row) => row.field === field && row.strength === strength);
      return {
        "error for ω = 0": of("gauge", 0).map(({ error }) => Math.abs(error)),
        "for ω = 1": of("gauge", 1).map(({ error }) => Math.abs(error)),
        "for ω = 5": of("gauge", 5).map(({ error }) => Math.abs(error)),
        "log-density by 1.2 ∇log p": of("scaled", 0.2).map(({ value }) => value),
      };
    },
    expect: {
      "error for ω = 0": atMost(1e-12),
      "for ω = 1": atMost(1e-9),
      "for ω = 5": atMost(2e-6),
      "log-density by 1.2 ∇log p": near(-1.659644, { absolute: 1e-6 }),
    },
  }),
  decomposition: claim({
    figure: "decomposition",
    criterion: 4,
    statement:
      "The parts of a linear field are orthogonal with the density as weight; those of the ordinary Helmholtz " +
      "split are not.",
    source: theorem("Decomposition of the score field", { notes: "3.2" }),
    measure: ({ decomposition, grid }) => {
      const [weighted] = decomposition.filter(({ weight }) => weight === "weighted");
      const [ordinary] = decomposition.filter(({ weight }) => weight === "ordinary");
      const wanted = [1.6, 0, 0, -0.3];
      return {
        "E[∇Φ·r]": weighted.cross,
        "entries of ∇Φ minus diag(1.6, -0.3)": weighted.matrix.map((value, k) => value - wanted[k]),
        "E|s|², E|∇Φ|², E|r|² minus 6.765, 5.165, 1.6": [
          weighted.field - 6.765,
          weighted.gradient - 5.165,
          weighted.gauge - 1.6,
        ],
        "E[∇Φ·r] of the ordinary split": ordinary.cross,
        "E|∇Φ|² on the finest grid, without the closed form": grid.toSorted((a, b) =>
          b.cells - a.cells
        )[0].gradient,
      };
    },
    expect: {
      "E[∇Φ·r]": within(-1e-12, 1e-12),
      "entries of ∇Φ minus diag(1.6, -0.3)": within(-1e-12, 1e-12),
      "E|s|², E|∇Φ|², E|r|² minus 6.765, 5.165, 1.6": within(-1e-12, 1e-12),
      "E[∇Φ·r] of the ordinary split": near(-0.88125, { absolute: 1e-12 }),
      "E|∇Φ|² on the finest grid, without the closed form": near(5.165, { absolute: 1e-4 }),
    },
  }),
  shear: claim({
    figure: null,
    criterion: 5,
    statement:
      "An exact gauge destroys local information: a sheared rotation of N(0, I) has a singular value of 0.099 in " +
      "a law of dimension 2.",
    source: derived("8"),
    measure: ({ shear }) => ({
      "singular values minus (√(κ²+4) ± κ)/2": shear.flatMap(({ kappa, values }) => [
        values[0] - (Math.sqrt(kappa * kappa + 4) + kappa) / 2,
        values[1] - (Math.sqrt(kappa * kappa + 4) - kappa) / 2,
      ]),
      "smaller value at κ = 10": shear.filter(({ kappa }) => kappa === 10).map(({ values }) => values[1]),
      "residual of the gauge condition": shear.map(({ residual }) => residual),
      "change of the radius": shear.map(({ radiusChange }) => radiusChange),
    }),
    expect: {
      "singular values minus (√(κ²+4) ± κ)/2": within(-1e-8, 1e-8),
      "smaller value at κ = 10": below(0.1),
      "residual of the gauge condition": below(1e-12),
      "change of the radius": within(-1e-8, 1e-8),
    },
  }),
  sphere: claim({
    figure: "trajectories",
    criterion: 6,
    statement: "The exact score of a sphere shows dimension 2 in 3 and in 5 coordinates, also under a gauge.",
    source: fromFigure("Figure 5", { notes: "7" }),
    measure: ({ dimension }) => {
      const of = (omegas: readonly number[], near: (radius: number) => boolean) =>
        sphere(dimension).filter(({ omega, startRadius }) => omegas.includes(omega) && near(startRadius));
      const far = (rows: Row<"dimension">[]) => rows.flatMap(slopeErrors);
      return {
        "dimensions for ω = 0, 1, 5": of([0, 1, 5], () => true).map((row) => row.dimension),
        "slopes minus (0, 0, 1, ..) without gauge, 1 ≤ |x₁| ≤ 2.7": far(of([0], (radius) => radius >= 1)),
        "at |x₁| = 0.27": far(of([0], (radius) => radius < 1)),
        "for ω = 1 and 5": far(of([1, 5], () => true)),
      };
    },
    expect: {
      "dimensions for ω = 0, 1, 5": within(2, 2),
      "slopes minus (0, 0, 1, ..) without gauge, 1 ≤ |x₁| ≤ 2.7": within(-0.02, 0.02),
      "at |x₁| = 0.27": within(-0.05, 0.05),
      "for ω = 1 and 5": within(-0.05, 0.05),
    },
  }),
  "isotropy-lost": claim({
    figure: "isotropy",
    criterion: 6,
    statement:
      "With ω = 5 one tangential direction of the sphere is stretched 4.28 times as much as the other; they are " +
      "equal without a gauge. The point that is reached is the same distance from the centre.",
    source: derived("8"),
    measure: ({ dimension }) => {
      const reference = sphere(dimension).filter(({ start, dim }) => start === 0 && dim === 3);
      const [without] = reference.filter(({ omega }) => omega === 0);
      const [five] = reference.filter(({ omega }) => omega === 5);
      return {
        "values without gauge minus the reference": [0.6550409626, 0.6550409626, 0.0152426914]
          .map((value, k) => without.values[k] - value),
        "largest value for ω = 5": five.values[0],
        "ratio to the second": five.values[0] / five.values[1],
        "ratio without gauge": without.values[0] / without.values[1],
        "change of the radius": five.endRadius - without.endRadius,
        "ς₁² + ς₃² minus its law, all ω up to 5": reference.filter(({ omega }) => omega <= 5).map((
          { omega, values },
        ) =>
          values[0] ** 2 + values[2] ** 2 - without.values[0] ** 2 - without.values[2] ** 2 -
          0.2969046 * omega ** 2
        ),
      };
    },
    expect: {
      "values without gauge minus the reference": within(-1e-8, 1e-8),
      "largest value for ω = 5": near(2.80213, { absolute: 1e-5 }),
      "ratio to the second": near(4.278, { absolute: 0.002 }),
      "ratio without gauge": near(1, { absolute: 1e-8 }),
      "change of the radius": within(-1e-8, 1e-8),
      "ς₁² + ς₃² minus its law, all ω up to 5": within(-5e-5, 5e-5),
    },
  }),
  learned: claim({
    figure: "reported",
    criterion: 7,
    statement:
      "With 1500 steps of training a free network reports dimension 3 for the sphere; a conservative one reports " +
      "2, in most seeds.",
    source: fromFigure("Figure 5", { notes: "7" }),
    decidedBy: ({ learned }) => atLeastSeeds(short(learned), 3),
    measure: ({ learned }) => {
      const free = short(learned).filter(({ conservative }) => !conservative);
      const conservative = short(learned).filter(({ conservative }) => conservative);
      return {
        "free: points of 64 that report 3": free.map(({ counts }) => counts[3]),
        "conservative: share of seeds whose majority reports 2": conservative.filter(({ counts }) =>
          counts[2] > 32
        )
          .length / conservative.length,
        "third value, conservative over free, per seed": conservative.map(({ third, seed }) =>
          third / free.find((row) => row.seed === seed)!.third
        ),
      };
    },
    expect: {
      "free: points of 64 that report 3": above(32),
      "conservative: share of seeds whose majority reports 2": atLeast(2 / 3),
      "third value, conservative over free, per seed": below(0.7),
    },
    context: ({ learned }) => ({
      "conservative: points that report 2": short(learned).filter(({ conservative }) => conservative)
        .map(({ counts }) => counts[2]),
    }),
  }),
  "under-fitting": claim({
    figure: "reported",
    criterion: 8,
    statement:
      "The failure is under-fitting, not curl: a free network that is twice as wide and trained for 8000 steps " +
      "reports 2, with a Jacobian that is not symmetric.",
    source: derived("7"),
    decidedBy: ({ learned }) => long(learned).length > 0,
    measure: ({ learned }) => ({
      "points of 64 that report 2": long(learned).map(({ counts }) => counts[2]),
      "median third value": long(learned).map(({ third }) => third),
      "|J - Jᵀ| / 2|J|": long(learned).map(({ asymmetry }) => asymmetry),
      "median distance from the sphere": long(learned).map(({ offSurface }) => offSurface!),
      "of the short runs": short(learned).filter(({ conservative }) => !conservative)
        .map(({ offSurface }) => offSurface!),
    }),
    expect: {
      "points of 64 that report 2": atLeast(58),
      "median third value": below(0.08),
      "|J - Jᵀ| / 2|J|": above(0.01),
      "median distance from the sphere": below(0.05),
      "of the short runs": above(0.1),
    },
  }),
  "error-is-gradient": claim({
    figure: "split",
    statement:
      "What is wrong with the free network's field is a gradient: the gauge part of its error is less than a " +
      "hundredth where it fails.",
    source: derived("11"),
    decidedBy: ({ split }) => split.length > 0,
    measure: ({ split }) => {
      const failing = split.filter((row) =>
        isShort(row) && !row.conservative && row.after === row.steps && row.sigma < 0.2
      );
      return {
        "σ² E|error|² at σ = 0.04 and 0.17": failing.map(({ error }) => error),
        "share of the gauge part": failing.map(({ error, gauge }) => gauge / error),
        "σ² E|error|² after 8000 steps of the wide one": split.filter((row) =>
          isLong(row) && row.after === row.steps && row.sigma < 0.2
        ).map(({ error }) => error),
      };
    },
    expect: {
      "σ² E|error|² at σ = 0.04 and 0.17": above(0.3),
      "share of the gauge part": below(0.01),
      "σ² E|error|² after 8000 steps of the wide one": below(0.1),
    },
  }),
  "price-of-gauge": claim({
    figure: "steps",
    statement:
      "Exactness has a price in steps: without gauge 16 steps of Heun's method are enough, with ω = 1 not even " +
      "64, with ω = 5 not even 512.",
    source: derived("11"),
    decidedBy: ({ sampling }) =>
      sampling.some(({ field, strength, steps }) => field === "gauge" && strength === 5 && steps === 512),
    measure: ({ sampling }) => {
      const at = (strength: number, steps: number) =>
        sampling.filter((row) => row.field === "gauge" && row.strength === strength && row.steps === steps)
          .map(distanceOf);
      return {
        "energy distance, ω = 0, 16 steps": at(0, 16),
        "ω = 1, 64 steps": at(1, 64),
        "ω = 1, 256 steps": at(1, 256),
        "ω = 5, 128 steps": at(5, 128),
        "ω = 5, 512 steps": at(5, 512),
      };
    },
    expect: {
      "energy distance, ω = 0, 16 steps": below(0.006),
      "ω = 1, 64 steps": above(0.02),
      "ω = 1, 256 steps": below(0.006),
      "ω = 5, 128 steps": above(100),
      "ω = 5, 512 steps": above(0.02),
    },
  }),
  spinning: claim({
    figure: "spinning",
    statement:
      "Under a gauge the points of a Gaussian spin on ellipses: xᵀC⁻¹x is conserved along every path.",
    source: theorem("Section 4.1", { notes: "8" }),
    measure: ({ path }) => {
      const starts = path.filter(({ step }) => step === 0);
      return {
        "level at the end over that at the start, minus 1": path.filter(({ step }) => step === PATH_STEPS)
          .map((
            row,
          ) =>
            row.level / starts.find(({ omega, path }) => omega === row.omega && path === row.path)!.level - 1
          ),
      };
    },
    expect: { "level at the end over that at the start, minus 1": within(-1e-3, 1e-3) },
  }),
  "swiss-roll": claim({
    figure: "swiss-roll",
    statement: "The exact score of a Swiss roll shows dimension 2 in 3 and in 5 coordinates.",
    source: fromFigure("Figure 5", { notes: "8" }),
    decidedBy: ({ dimension }) => roll(dimension).length > 0,
    measure: ({ dimension }) => {
      const rows = roll(dimension).filter(({ omega }) => omega === 0);
      return {
        "dimensions": rows.map((row) => row.dimension),
        "slopes minus (0, 0, 1, ..)": rows.flatMap(slopeErrors),
      };
    },
    expect: {
      "dimensions": within(2, 2),
      "slopes minus (0, 0, 1, ..)": within(-0.05, 0.05),
    },
    context: ({ dimension }) => ({
      "by the largest gap": roll(dimension).filter(({ omega }) => omega === 0).map((row) => row.byGap),
    }),
  }),
  memorization: claim({
    figure: "memorization",
    statement:
      "The score of a finite sample shows dimension 2 in a window of noise levels, and 0 below half the spacing " +
      "of the points.",
    source: derived("8"),
    decidedBy: ({ window }) => window.length > 0,
    measure: ({ window }) => ({
      "mean dimension for σ from 0.15 to 0.35": window.filter(({ sigma }) => sigma > 0.15 && sigma < 0.35)
        .map(({ dimension }) => dimension),
      "for σ below 0.012": window.filter(({ sigma }) => sigma < 0.012).map(({ dimension }) => dimension),
    }),
    expect: {
      "mean dimension for σ from 0.15 to 0.35": within(1.8, 2.2),
      "for σ below 0.012": atMost(0.1),
    },
  }),
}));

/** A distance that is not finite counts as an enormous one. */
function distanceOf({ distance }: Row<"sampling">): number {
  return distance ?? Number.MAX_VALUE;
}

/** Distances under a gauge at the largest number of steps, one per seed. */
function finest(rows: readonly Row<"sampling">[], strength: number): number[] {
  const of = rows.filter((row) => row.field === "gauge" && row.strength === strength);
  const most = of.reduce((steps, row) => Math.max(steps, row.steps), 0);
  return of.filter(({ steps }) => steps === most).map(distanceOf);
}

function extremes(
  rows: readonly { omega: number; smallest: number; largest: number }[],
  omega: number,
): number[] {
  return rows.filter((row) => row.omega === omega).flatMap(({ smallest, largest }) => [smallest, largest]);
}

function wrong(rows: readonly Row<"sampling">[], field: FieldKind, strength: number): number[] {
  return rows.filter((row) => row.field === field && row.strength === strength).map(distanceOf);
}

function weakRotation(rows: readonly Row<"sampling">[]): Row<"sampling">[] {
  return rows.filter(({ field, strength }) => field === "rotation" && strength === 0.2);
}

function sphere(rows: readonly Row<"dimension">[]): Row<"dimension">[] {
  return rows.filter(({ surface }) => surface === "sphere");
}

function roll(rows: readonly Row<"dimension">[]): Row<"dimension">[] {
  return rows.filter(({ surface }) => surface === "Swiss roll");
}

/** Slopes minus 0 for the two smallest, 1 for the others: ranks cross under a gauge. */
function slopeErrors({ slopes }: Row<"dimension">): number[] {
  return slopes.toSorted((a, b) => a - b).map((slope, k) => slope - (k < 2 ? 0 : 1));
}

function isShort(row: NetworkKey): boolean {
  return row.surface === "sphere" && row.dim === 3 && row.width === 48 && row.steps === 1500;
}

function isLong(row: NetworkKey): boolean {
  return row.surface === "sphere" && row.dim === 3 && row.width === 96 && row.steps === 8000 &&
    !row.conservative;
}

function short(rows: readonly Row<"learned">[]): Row<"learned">[] {
  return rows.filter(isShort);
}

function long(rows: readonly Row<"learned">[]): Row<"learned">[] {
  return rows.filter(isLong);
}
