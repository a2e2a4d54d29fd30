/** Figures, the key one first. */
import { mean } from "simple-statistics";
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  colorBy,
  figure,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { jacobiRadius, optimalOmega } from "../../lib/sparse/mod.ts";
import { FIVE } from "./claims.ts";
import type { LearnerName, Row, Variance } from "./rows.ts";
import { shifted } from "./sequence.ts";

const LEARNERS: LearnerName[] = ["ChebCB", "Tsallis-INF-CB", "Tsallis-INF"];
const BEST = "best fixed ω";
const COLORS: Record<string, string> = {
  "ChebCB": palette[0],
  "Tsallis-INF-CB": palette[2],
  "Tsallis-INF": palette[1],
  [BEST]: palette[3],
};

function variances(rows: readonly { variance: Variance }[]): Variance[] {
  return distinct(rows, "variance");
}

/** The fixed parameter with the lowest mean total. */
function bestOf(rows: readonly Row<"progress">[]): number {
  const fixed = rows.filter(({ omega }) => omega !== null && FIVE.includes(omega));
  const meanOf = (omega: number) =>
    mean(fixed.filter((row) => row.omega === omega && row.round === row.rounds).map(({ total }) => total));
  return distinct(fixed, "omega").map((omega) => omega!).reduce((a, b) => meanOf(b) < meanOf(a) ? b : a);
}

/** Points of a line: iterations so far, and instances that remain; from the start on. */
function remaining(rows: readonly Row<"progress">[], series: string) {
  const starts = distinct(rows, "seed").map((seed) => ({
    series,
    seed,
    iterations: 0,
    remaining: rows[0].rounds,
  }));
  const later = rows.map(({ seed, total, round, rounds }) => ({
    series,
    seed,
    iterations: total,
    remaining: rounds - round,
  }));
  return [...starts, ...later];
}

type Remaining = ReturnType<typeof remaining>[number];

/** Means over the seeds. */
function means(rows: readonly Remaining[]) {
  return [...Map.groupBy(rows, ({ series, remaining }) => `${series} ${remaining}`).values()].map((cell) => ({
    series: cell[0].series,
    remaining: cell[0].remaining,
    iterations: mean(cell.map(({ iterations }) => iterations)),
  }));
}

/** Means, with the thin lines of the seeds. */
function race(rows: readonly Remaining[]) {
  return [lines(rows, { each: "seed", opacity: 0.35 }), lines(means(rows))];
}

/** Who solves the instances with the fewest iterations. */
function contextual({ progress }: RowTable<Row>): Figure {
  const [{ rounds }] = progress;
  const panel = (variance: Variance) => {
    const rows = progress.filter((row) => row.variance === variance);
    const of = (method: string) => rows.filter((row) => row.method === method);
    const best = bestOf(rows);
    const optimal = means(remaining(of("instance-optimal"), "instance-optimal"));
    const last = optimal[optimal.length - 1];
    return {
      title: `${variance === "high" ? "High" : "Low"} variance: best fixed ω = ${best}`,
      x: linearAxis("iterations", "Total iterations", { format: "~s", zero: true, tickCount: 5 }),
      y: linearAxis("remaining", "Instances remaining", { domain: [0, rounds] }),
      color: colorBy("series", null, [...LEARNERS, BEST], [...LEARNERS, BEST].map((name) => COLORS[name])),
      layer: [
        ...race([
          ...LEARNERS.flatMap((name) => remaining(of(name), name)),
          ...remaining(rows.filter(({ omega }) => omega === best), BEST),
        ]),
        theoryLine(optimal, { x: "iterations", y: "remaining" }),
        annotation(["best ω for", "each instance"], {
          x: last.iterations * 0.62,
          y: rounds * 0.12,
          side: "left" as const,
        }),
      ],
    };
  };
  return figure({
    title: "With the diagonal shift as context, ChebCB beats every fixed parameter",
    subtitle: `${rounds} systems one after the other, steeper is better; means, thin: ` +
      `${distinct(progress, "seed").length} seeds; dashed: needs the spectrum`,
    ...panels(variances(progress).map(panel)),
  });
}

/** Without contexts, against fixed parameters. */
function learning({ progress }: RowTable<Row>): Figure {
  const [{ rounds }] = progress;
  const omegas = FIVE.filter((omega) => progress.some((row) => row.omega === omega));
  const names = ["Tsallis-INF", ...omegas.map((omega) => `ω = ${omega}`)];
  const colors = [palette[1], palette[7], palette[4], palette[5], palette[2], palette[3]];
  return figure({
    title: "From the counts alone, a bandit finds its way to the best fixed parameter",
    subtitle: `${rounds} systems one after the other; means, thin: seeds`,
    ...panels(
      variances(progress).map((variance) => {
        const rows = progress.filter((row) => row.variance === variance);
        return {
          title: variance === "high" ? "High variance" : "Low variance",
          x: linearAxis("iterations", "Total iterations", { format: "~s", zero: true, tickCount: 5 }),
          y: linearAxis("remaining", "Instances remaining", { domain: [0, rounds] }),
          color: colorBy("series", null, names, colors.slice(0, 1).concat(colors.slice(6 - omegas.length))),
          layer: race([
            ...omegas.flatMap((omega) =>
              remaining(rows.filter((row) => row.omega === omega), `ω = ${omega}`)
            ),
            ...remaining(rows.filter(({ method }) => method === "Tsallis-INF"), "Tsallis-INF"),
          ]),
        };
      }),
    ),
  });
}

/** Counts, estimates and bounds. */
function surrogates({ surrogate }: RowTable<Row>): Figure {
  const names = ["energy bound", "near-asymptotic bound", "count", "asymptotic estimate"];
  return figure({
    title: "The near-asymptotic bound follows the counts; the asymptotic estimate is below them",
    subtitle: "Iterations of SOR for one right-hand side, by its parameter; the matrix has the shift c",
    ...panels(
      distinct(surrogate, "shift").filter((shift) => shift === 0 || shift === -0.15).map((shift) => {
        const rows = surrogate.filter((row) => row.shift === shift).flatMap((row) => [
          { omega: row.omega, iterations: row.energy, series: names[0] },
          { omega: row.omega, iterations: row.bound, series: names[1] },
          { omega: row.omega, iterations: row.actual, series: names[2] },
          { omega: row.omega, iterations: row.asymptotic, series: names[3] },
        ]);
        return {
          title: `c = ${shift}`,
          x: linearAxis("omega", "Parameter ω", { domain: [1, 2] }),
          y: logAxis("iterations", "Iterations", { domain: shift === 0 ? [15, 3000] : [15, 30_000] }),
          color: colorBy("series", null, names, [palette[3], palette[0], "#222222", palette[1]]),
          layer: [lines(rows)],
        };
      }),
    ),
  });
}

/** What learners choose, by the shift. */
function choices({ choice }: RowTable<Row>): Figure {
  return figure({
    title: "Why: ChebCB follows the optimal parameter from shift to shift",
    subtitle:
      "Parameters chosen for the last 120 instances of one run, by the shift; dashed: the optimal one, Young's",
    ...panels(
      variances(choice).map((variance) => ({
        title: variance === "high" ? "High variance" : "Low variance",
        x: linearAxis("shift", "Shift c of the diagonal", { domain: [-0.16, 0.46], nice: false }),
        y: linearAxis("omega", "Parameter ω", { domain: [0.98, 2] }),
        color: colorBy("method", null, LEARNERS, LEARNERS.map((name) => COLORS[name])),
        layer: [
          points(choice.filter((row) => row.variance === variance), { size: 22, opacity: 0.45 }),
          theoryLine((shift) => optimalOmega(jacobiRadius(shifted(shift))), {
            x: "shift",
            y: "omega",
            domain: [-0.1499, 0.45],
          }),
        ],
      })),
    ),
  });
}

/** What the number of actions and the degree of the polynomials cost. */
function price({ price, progress }: RowTable<Row>): Figure {
  const [{ rounds }] = price;
  const base = price[0];
  const byDegree = price.filter(({ method, actions }) => method === "ChebCB" && actions === base.actions);
  const byActions = price.filter(({ degree }) => degree === base.degree);
  const names: LearnerName[] = ["ChebCB", "Tsallis-INF"];
  const color = colorBy("method", null, names, names.map((name) => COLORS[name]));
  const y = linearAxis("total", "Total iterations", { format: "~s", zero: true });
  // The same instances with the best fixed parameter.
  const same = progress.filter((row) => row.variance === "high" && row.round === rounds);
  const fixed = FIVE.map((omega) => same.filter((row) => row.omega === omega).map(({ total }) => total))
    .filter((totals) => totals.length > 0).map(mean);
  const rule = fixed.length > 0 ? [theoryRule({ y: Math.min(...fixed) })] : [];
  return figure({
    title: "A parabola in the context does most; too few actions miss the best, too many cost trials",
    subtitle:
      `${rounds} systems; ${base.actions} actions on the left, degree ${base.degree} on the right; mean and range of ` +
      "seeds; dashed: best fixed parameter",
    ...panels([
      {
        x: linearAxis("degree", "Degree of the polynomials"),
        y,
        color,
        layer: [meanAndRange(byDegree, { x: "degree", y: "total", series: "method", dots: true }), ...rule],
      },
      {
        x: logAxis("actions", "Number of actions", { values: [5, 10, 20, 40, 80] }),
        y,
        color,
        layer: [meanAndRange(byActions, { x: "actions", y: "total", series: "method", dots: true }), ...rule],
      },
    ]),
  });
}

/** The released way to solve for probabilities. */
function newton({ weight }: RowTable<Row>): Figure {
  const names = { safeguarded: "safeguarded start", official: "released code" };
  const rows = weight.map((row) => ({ ...row, series: names[row.newton] }));
  const color = colorBy("series", null, Object.values(names), [palette[0], palette[1]]);
  return figure({
    title: "In the released code the probabilities stop being probabilities",
    subtitle:
      "Tsallis-INF, the first seed; where the sum is huge the choice is greedy, and what it costs is not recorded",
    ...panels([
      {
        title: "Sum of the probabilities",
        x: linearAxis("round", "Round"),
        y: logAxis("sum", "Sum", { domain: [0.1, 1e18] }),
        color,
        layer: [points(rows, { size: 20 })],
      },
      {
        title: "Parameter, mean of 25 rounds",
        x: linearAxis("round", "Round"),
        y: linearAxis("omega", "Parameter ω", { domain: [1, 2] }),
        color,
        layer: [lines(rows)],
      },
    ]),
  });
}

const HEAT_NAMES = ["no preconditioner", "best fixed ω", ...LEARNERS, "best ω of each step"];
const HEAT_COLORS = [palette[7], palette[3], ...LEARNERS.map((name) => COLORS[name]), "#222222"];

/** Iterations of conjugate gradients by the size of the matrix. */
function heat({ heat }: RowTable<Row>): Figure {
  const steps = Math.min(...heat.map((row) => row.steps));
  const shown = distinct(heat, "cells").flatMap((cells) => {
    const rows = heat.filter((row) => row.cells === cells && row.steps === steps);
    const best = Math.min(...rows.filter(({ method }) => method === "fixed").map(({ total }) => total));
    const series = ({ method, total }: Row<"heat">) =>
      method === "fixed"
        ? (total === best ? HEAT_NAMES[1] : null)
        : method === "CG"
        ? HEAT_NAMES[0]
        : method === "grid-optimal"
        ? HEAT_NAMES[5]
        : method;
    return rows.map((row) => ({ size: (cells - 1) ** 2, total: row.total, series: series(row) }))
      .filter((row) => row.series !== null);
  });
  return figure({
    title: "Heat equation: but for the coarsest grid ChebCB beats every fixed parameter",
    subtitle: `${steps} steps of Crank and Nicolson, conjugate gradients with SSOR; mean and range of seeds`,
    x: logAxis("size", "Order of the matrix", {
      values: distinct(shown, "size").toSorted((a, b) => a - b),
    }),
    y: logAxis("total", "Total iterations"),
    color: colorBy("series", null, HEAT_NAMES, HEAT_COLORS),
    layer: [
      meanAndRange(shown, { x: "size", y: "total", series: "series", center: "geometric mean", dots: true }),
    ],
  });
}

/** Iterations by step and parameter, with what learners choose. */
function landscape({ landscape, track }: RowTable<Row>): Figure {
  const fewest = new Map<number, number>();
  for (const { step, iterations } of landscape) {
    fewest.set(step, Math.min(iterations, fewest.get(step) ?? Infinity));
  }
  const cells = landscape.map(({ step, omega, iterations }) => ({
    step: step - 20,
    step2: step + 20,
    omega: omega - 0.025,
    omega2: omega + 0.025,
    excess: Math.min(2.5, iterations / Math.max(1, fewest.get(step)!)),
  }));
  const last = Math.max(...cells.map(({ step2 }) => step2));
  const methods = [["ChebCB", "#e0007f"], ["Tsallis-INF", "#ffffff"]] as const;
  return figure({
    title: "The best parameter of the heat equation comes and goes with the diffusivity",
    subtitle:
      "Iterations over the fewest of the step; lines: what is chosen, mean of 25 steps; pink: ChebCB, " +
      "white: Tsallis-INF",
    x: linearAxis("step", "Step", { domain: [0, last], nice: false, grid: false }),
    y: linearAxis("omega", "Parameter ω", { domain: [0.975, 1.975], nice: false, grid: false }),
    layer: [
      {
        data: { values: cells },
        mark: { type: "rect" },
        encoding: {
          x2: { field: "step2" },
          y2: { field: "omega2" },
          color: {
            field: "excess",
            type: "quantitative",
            title: "Times the fewest",
            scale: { scheme: "viridis", domain: [1, 2.5] },
          },
        },
      },
      ...methods.map(([method, color]) => lines(track.filter((row) => row.method === method), { color })),
    ],
  });
}

export const figures = { contextual, learning, choices, price, surrogates, newton, heat, landscape };
