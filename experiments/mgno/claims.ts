/** What must be seen, as data: notes 7 numbers the criteria; 7 and 8 are proved in test/multigrid. */
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
  fromTable,
  mean,
  within,
} from "../../lib/experiment/mod.ts";
import type { Coefficient, Cycle, Model, Row } from "./rows.ts";

/** Convergence factors of V-cycles, computed elsewhere from all eigenvalues: notes 7. */
const FACTORS: Record<Cycle, Record<number, number>> = {
  "V(1,0)": { 7: 0.5696, 15: 0.5923, 31: 0.5981, 63: 0.5995, 127: 0.5999 },
  "V(1,1)": { 7: 0.3244, 15: 0.3511, 31: 0.3637, 63: 0.3672, 127: 0.3694 },
  "V(2,1)": { 7: 0.2177, 15: 0.2297, 31: 0.2350, 63: 0.2394, 127: 0.2421 },
};

/** Best errors in closed form, computed elsewhere: notes 6.2. */
const CLOSED: Record<string, number> = {
  "circulant": 0.4841623748,
  "Toeplitz": 0.3890451266,
  "rank 1": 0.2761414183,
  "rank 2": 0.1358320910,
  "rank 4": 0.0581307892,
  "rank 8": 0.0232480060,
};

/** Classical V-cycles in one dimension: notes 6.2. */
const CLASSICAL: Record<string, number> = { "V(1,0)": 0.1880240, "V(1,1)": 0.1278738, "V(2,2)": 0.0848880 };

/** Points of the grid, and steps from which a training is judged. */
const POINTS = 63;
const STEPS = 1500;
const DARCY_STEPS = 400;

export const claims = defineClaims<Row>((claim) => ({
  "few-parameters": claim({
    figure: "operators",
    criterion: 1,
    headline: true,
    statement: "A learned V-cycle with 82 numbers is ten times as near to Green's function as any single " +
      "convolution, and nearer than any matrix of rank 4.",
    source: fromTable("abstract: an efficient parameterization of linear operators", { notes: "7" }),
    decidedBy: ({ learned }) => atLeastSeeds(ofLevels(learned, 5), 3),
    measure: ({ learned, reference }) => {
      const rows = ofLevels(learned, 5);
      return {
        "relative error, every seed": errorsOf(rows),
        "its median": middle(rows),
        "over the best Toeplitz matrix, every seed": errorsOf(rows).map((error) =>
          error / best(reference, "Toeplitz")
        ),
        "over the best matrix of rank 4, every seed": errorsOf(rows).map((error) =>
          error / best(reference, "rank 4")
        ),
        "parameters": distinct(rows, "parameters"),
      };
    },
    expect: {
      "relative error, every seed": atMost(0.038),
      "its median": atMost(0.025),
      "over the best Toeplitz matrix, every seed": below(0.1),
      "over the best matrix of rank 4, every seed": below(1),
      "parameters": within(82, 82),
    },
  }),
  "closed-forms": claim({
    figure: "operators",
    criterion: 2,
    statement: "The best circulant, Toeplitz and low-rank approximations are those of the closed forms.",
    source: derived("6.2"),
    measure: ({ reference }) => ({
      "error minus its value": Object.keys(CLOSED).map((operator) =>
        best(reference, operator) - CLOSED[operator]
      ),
      "classical V-cycles, the same": Object.keys(CLASSICAL).map((operator) =>
        best(reference, operator) - CLASSICAL[operator]
      ),
    }),
    expect: {
      "error minus its value": within(-1e-9, 1e-9),
      "classical V-cycles, the same": within(-1e-7, 1e-7),
    },
  }),
  classical: claim({
    figure: "factors",
    criterion: 3,
    statement:
      "The learned form contains the classical V-cycle, which converges at a rate that does not depend on " +
      "the grid; its smoother alone does not.",
    source: derived("3.3"),
    measure: ({ factor, jacobi }) => ({
      "convergence factor minus that of theory": factor.map(({ cycle, n, radius }) =>
        radius - FACTORS[cycle][n]
      ),
      "learned form with classical kernels minus the cycle, relative": factor.map(({ difference }) =>
        difference
      ),
      "damped Jacobi, n = 127": jacobi.map(({ radius }) => radius),
    }),
    expect: {
      "convergence factor minus that of theory": within(-5e-4, 5e-4),
      "learned form with classical kernels minus the cycle, relative": below(1e-12),
      "damped Jacobi, n = 127": within(0.99975, 0.99985),
    },
  }),
  depth: claim({
    figure: "depth",
    criterion: 4,
    statement:
      "Every further grid makes the operator better, and by far, until the coarsest one spans the domain.",
    source: derived("6.2"),
    decidedBy: ({ learned }) => [1, 2, 3, 4, 5].every((levels) => atLeastSeeds(ofLevels(learned, levels), 3)),
    measure: ({ learned }) => {
      const errors = (levels: number) => errorsOf(ofLevels(learned, levels));
      const ratios = (levels: number) => {
        const deep = ofLevels(learned, levels);
        return ofLevels(learned, 1).flatMap(({ seed, error }) =>
          deep.filter((row) => row.seed === seed).map((row) => error / row.error)
        );
      };
      return {
        "worst with J grids over best with J - 1, J = 2, 3, 4": [2, 3, 4].map((levels) =>
          Math.max(...errors(levels)) / Math.min(...errors(levels - 1))
        ),
        "median with 5 over median with 4": middle(ofLevels(learned, 5)) / middle(ofLevels(learned, 4)),
        "error with 1 grid over error with 4, every seed": ratios(4),
        "with 1 over with 5, every seed": ratios(5),
      };
    },
    expect: {
      "worst with J grids over best with J - 1, J = 2, 3, 4": below(1),
      "median with 5 over median with 4": below(1),
      "error with 1 grid over error with 4, every seed": atLeast(8),
      "with 1 over with 5, every seed": atLeast(22),
    },
  }),
  size: claim({
    figure: "depth",
    criterion: 4,
    statement:
      "On finer grids one grid more, 18 parameters, gives the same error: the number of parameters is " +
      "O(log n).",
    source: fromTable("O(log n) parameters", { notes: "6.2" }),
    decidedBy: ({ learned }) =>
      SIZES.every(([n, levels]) => atLeastSeeds(ofLevels(learned, levels, { n }), 3)),
    measure: ({ learned }) => {
      const medians = SIZES.map(([n, levels]) => middle(ofLevels(learned, levels, { n })));
      return {
        "largest median over smallest, n = 15 to 127": Math.max(...medians) / Math.min(...medians),
        "parameters from one size to the next": SIZES.slice(1).map(([n, levels], i) =>
          ofLevels(learned, levels, { n })[0].parameters -
          ofLevels(learned, SIZES[i][1], { n: SIZES[i][0] })[0].parameters
        ),
      };
    },
    expect: {
      "largest median over smallest, n = 15 to 127": atMost(2),
      "parameters from one size to the next": within(18, 18),
    },
  }),
  trig: claim({
    figure: "darcy",
    criterion: 5,
    statement:
      "Coefficients of many scales: with as many parameters MgNO has a smaller error than a Fourier " +
      "operator, most of all in derivatives.",
    source: fromTable("Table 1, Darcy multiscale", { notes: "6.3" }),
    decidedBy: ({ darcy }) => decided(darcy, "trig"),
    measure: ({ darcy }) => {
      const ratios = ratiosOf(darcy, "trig", "h1");
      return {
        "H1 error of MgNO over FNO's, every seed": ratios,
        "its mean": mean(ratios),
        "L2, every seed": ratiosOf(darcy, "trig", "l2"),
      };
    },
    expect: {
      "H1 error of MgNO over FNO's, every seed": atMost(0.75),
      "its mean": atMost(0.68),
      "L2, every seed": atMost(1),
    },
    context: ({ darcy }) => ({
      "MgNO, H1": darcyOf(darcy, "trig", "MgNO").map(({ h1 }) => h1),
      "CNN, H1": darcyOf(darcy, "trig", "CNN").map(({ h1 }) => h1),
    }),
  }),
  rough: claim({
    figure: "darcy",
    criterion: 5,
    statement: "Coefficients that jump: the same order.",
    source: fromTable("Table 1, Darcy rough", { notes: "6.3" }),
    decidedBy: ({ darcy }) => decided(darcy, "rough"),
    measure: ({ darcy }) => {
      const ratios = ratiosOf(darcy, "rough", "h1");
      return { "H1 error of MgNO over FNO's, every seed": ratios, "its mean": mean(ratios) };
    },
    expect: { "H1 error of MgNO over FNO's, every seed": below(1), "its mean": atMost(0.85) },
    context: ({ darcy }) => ({
      "MgNO, H1": darcyOf(darcy, "rough", "MgNO").map(({ h1 }) => h1),
      "CNN, H1": darcyOf(darcy, "rough", "CNN").map(({ h1 }) => h1),
      "MgNO, L2 error for doubled coefficients": darcyOf(darcy, "rough", "MgNO").map(({ doubled }) =>
        doubled
      ),
    }),
  }),
  channels: claim({
    figure: "operators",
    criterion: 6,
    statement: "More channels make the operator better.",
    source: derived("6.2"),
    decidedBy: ({ learned }) =>
      [1, 8].every((channels) => atLeastSeeds(ofLevels(learned, 5, { channels }), 3)),
    measure: ({ learned }) => ({
      "median with 1 channel over median with 8": middle(ofLevels(learned, 5)) /
        middle(ofLevels(learned, 5, { channels: 8 })),
    }),
    expect: { "median with 1 channel over median with 8": atLeast(2) },
  }),
  residual: claim({
    figure: null,
    statement:
      "Restricting f itself, as the released code does by default, is as good as restricting the residual, " +
      "as the V-cycle does.",
    source: derived("3.2"),
    decidedBy: ({ learned }) =>
      [true, false].every((residual) => atLeastSeeds(ofLevels(learned, 5, { residual }), 3)),
    measure: ({ learned }) => ({
      "median without residual over median with it": middle(ofLevels(learned, 5, { residual: false })) /
        middle(ofLevels(learned, 5)),
    }),
    expect: { "median without residual over median with it": within(0.5, 2) },
  }),
  boundary: claim({
    figure: "where",
    statement:
      "Why a single convolution fails: it is the same everywhere, and Green's function is not. Its error " +
      "is largest near the boundary.",
    source: derived("11"),
    measure: ({ where }) => {
      const errors = (isNear: boolean) =>
        where.filter(({ operator, source }) =>
          operator === "best Toeplitz" && (Math.abs(source - 0.5) > 3 / 8) === isNear
        ).map(({ error }) => error);
      return {
        "best Toeplitz: mean error of sources in the outer quarter over the others'": mean(errors(true)) /
          mean(errors(false)),
      };
    },
    expect: { "best Toeplitz: mean error of sources in the outer quarter over the others'": above(1) },
  }),
}));

/** Sizes that are compared, and their numbers of grids. */
const SIZES = [[15, 3], [31, 4], [63, 5], [127, 6]] as const;

/**
 * Fully trained V-cycles with so many grids; with one channel, on 63 points and with the residual if not
 * told.
 */
function ofLevels(
  rows: readonly Row<"learned">[],
  levels: number,
  { n = POINTS, channels = 1, residual = true }: { n?: number; channels?: number; residual?: boolean } = {},
): Row<"learned">[] {
  return rows.filter((row) =>
    row.levels === levels && row.n === n && row.channels === channels && row.residual === residual &&
    row.steps >= STEPS
  );
}

function errorsOf(rows: readonly Row<"learned">[]): number[] {
  return rows.map(({ error }) => error);
}

function middle(rows: readonly Row<"learned">[]): number {
  return rows.length === 0 ? NaN : median(errorsOf(rows));
}

function best(rows: readonly Row<"reference">[], operator: string): number {
  return rows.find((row) => row.operator === operator && row.n === POINTS)?.error ?? NaN;
}

/** Trainings on 15 x 15 points. */
function darcyOf(rows: readonly Row<"darcy">[], coefficient: Coefficient, model: Model): Row<"darcy">[] {
  return rows.filter((row) =>
    row.coefficient === coefficient && row.model === model && row.n === 15 && row.steps >= DARCY_STEPS
  );
}

function decided(rows: readonly Row<"darcy">[], coefficient: Coefficient): boolean {
  return (["MgNO", "FNO"] as const).every((model) => atLeastSeeds(darcyOf(rows, coefficient, model), 3));
}

/** Error of MgNO over that of the Fourier operator, seed by seed. */
function ratiosOf(rows: readonly Row<"darcy">[], coefficient: Coefficient, norm: "l2" | "h1"): number[] {
  const fourier = darcyOf(rows, coefficient, "FNO");
  return darcyOf(rows, coefficient, "MgNO").flatMap((row) =>
    fourier.filter(({ seed }) => seed === row.seed).map((other) => row[norm] / other[norm])
  );
}
