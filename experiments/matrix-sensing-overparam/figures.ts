/** Figures, the key one first. */
import { distinct, type Figure, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
  legendAt,
  linearAxis,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryLine,
} from "../../lib/figures/mod.ts";
import { curvesOf, type Model, type Row, STEP_SIZE } from "./rows.ts";

const errorAxis = (domain: [number, number]) => logAxis("error", "Distance ‖FGᵀ − Σ‖", { domain });

/** The geometric mean over seeds with its range, one line per series, as far as rounding noise. */
function curves(rows: readonly Row<"curve">[], series: (row: Row<"curve">) => string) {
  const shown = rows.filter(({ error }) => error > 1e-14)
    .map((row) => ({ step: row.step, error: row.error, series: series(row) }));
  return meanAndRange(shown, { x: "step", y: "error", series: "series", center: "geometric mean" });
}

/** Symmetric is slow, asymmetric as fast as its start is large, rebalanced always fast. */
function key({ curve }: RowTable<Row>): Figure {
  const shades = ["#08306b", "#1f5fa8", "#4292c6", "#7fb6dd", "#a9cbe6"];
  const scales = [1, 0.7, 0.5, 0.3, 0.2];
  const panel = (
    title: string,
    rows: readonly Row<"curve">[],
    series: (row: Row<"curve">) => string,
    [names, colors]: [string[], string[]],
    steps: number,
  ) => ({
    title,
    x: linearAxis("step", "Step", { domain: [0, steps], tickCount: 3 }),
    y: errorAxis([1e-10, 10]),
    color: colorBy("series", null, names, colors),
    layer: [curves(rows.filter(({ step }) => step <= steps), series)],
  });
  return figure({
    title: "Symmetry is slow, imbalance is fast, and rebalancing forgets the start",
    subtitle: "50 × 50, rank 3, infinitely many measurements; a straight line is exponential convergence",
    ...panels([
      panel("Symmetric XXᵀ, k columns", curvesOf(curve, "symmetric"), ({ k }) => `k = ${k}`, [
        [3, 4, 5, 10].map((k) => `k = ${k}`),
        [palette[2], palette[4], palette[1], palette[6]],
      ], 2000),
      panel(
        "Asymmetric FGᵀ, start α",
        curvesOf(curve, "asymmetric").filter(({ alpha }) => scales.includes(alpha)),
        ({ alpha }) => `α = ${alpha}`,
        [scales.map((alpha) => `α = ${alpha}`), shades],
        3000,
      ),
      panel(
        "Rebalanced once, start α",
        curvesOf(curve, "rebalanced").filter(({ beta }) => beta === 1),
        ({ alpha }) => `α = ${alpha}`,
        [[0.5, 0.1, 0.01].map((alpha) => `α = ${alpha}`), [palette[2], palette[3], palette[0]]],
        600,
      ),
    ], { colors: "independent" }),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** The 1/t law with its constant. */
function sublinear({ curve }: RowTable<Row>): Figure {
  const widths = [10, 5, 4];
  const wide = curvesOf(curve, "symmetric").filter(({ k, step }) => k > 3 && step >= 1);
  const law = (k: number) => (step: number) => Math.sqrt(k - 3) / (2 * STEP_SIZE * step);
  return figure({
    title: "Over-parameterized symmetric descent ends on √(k−r) / 2ηt, whatever its start",
    subtitle: "Symmetric model, 50 × 50, rank 3; dashed: the law, without any fitted constant",
    x: logAxis("step", "Step t", { domain: [1, 20000] }),
    y: errorAxis([1e-4, 3]),
    color: colorBy("series", null, widths.map((k) => `k = ${k}`), [palette[6], palette[1], palette[4]]),
    layer: [
      curves(wide, ({ k }) => `k = ${k}`),
      ...widths.map((k) =>
        theoryLine(law(k), { x: "step", y: "error", domain: [60, 20000], spacing: "log", count: 2 })
      ),
    ],
  });
}

/** Measured against predicted rates. */
function rates({ run }: RowTable<Row>): Figure {
  const shown = run.flatMap(({ model, m, rate, predicted, alpha }) =>
    rate === null || predicted === null || (model === "asymmetric" && alpha === 0.01) ||
      (model !== "asymmetric" && model !== "rebalanced")
      ? []
      : [{ rate: -rate, predicted: -predicted, alpha, series: `${model}, m = ${m ?? "∞"}` }]
  );
  const largest = shown.filter(({ alpha, series }) => alpha === 1 && series.endsWith("∞"));
  return figure({
    title: "The rate is known before the run",
    subtitle: "One point per run; dashed: measured = predicted",
    height: 340,
    x: logAxis("predicted", "Predicted decay per step, −ln(1 − ηλ)", { domain: [0.0015, 0.2] }),
    y: logAxis("rate", "Measured decay per step", { domain: [0.0015, 0.2] }),
    color: colorBy("series", null, distinct(shown, "series").sort()),
    layer: [
      theoryLine((x) => x, { x: "predicted", y: "rate", domain: [0.0015, 0.2], spacing: "log", count: 2 }),
      points(shown, { size: 55 }),
      ...largest.slice(0, 1).map(({ predicted, rate }) =>
        annotation("α = 1: another mode is slower", { x: predicted, y: rate, side: "below" })
      ),
    ],
  });
}

/** With few measurements. */
function sensing({ curve }: RowTable<Row>): Figure {
  const series: [Model, number, string][] = [
    ["symmetric", 320, palette[1]],
    ["asymmetric", 320, palette[0]],
    ["rebalanced", 320, palette[2]],
    ["symmetric", 120, palette[4]],
    ["asymmetric", 120, palette[3]],
  ];
  const shown = series.flatMap(([model, m]) =>
    curvesOf(curve, model, m).filter(({ alpha, step }) => alpha === 0.5 && step >= 1)
  );
  return figure({
    title: "Real measurements: the same order of speed, until there are too few of them",
    subtitle: "20 × 20, rank 2, k = 4, α = 0.5; 120 measurements do not pin down an asymmetric FGᵀ",
    x: logAxis("step", "Step", { domain: [1, 20000] }),
    y: errorAxis([1e-10, 10]),
    color: colorBy(
      "series",
      null,
      series.map(([model, m]) => `${model}, m = ${m}`),
      series.map(([, , color]) => color),
    ),
    layer: [curves(shown, ({ model, m }) => `${model}, m = ${m}`)],
  });
}

/** What over-parameterization costs: steps to one millionth. */
function cost({ run }: RowTable<Row>): Figure {
  const steps = (model: Model, alpha: number, beta: number | null) =>
    mean(
      run.filter((row) => row.model === model && row.m === null && row.alpha === alpha && row.beta === beta)
        .flatMap(({ below }) => below["1e-6"] ?? []),
    );
  const all = [
    { name: "symmetric, k = 5 (by the law)", steps: Math.SQRT2 / (2 * STEP_SIZE * 1e-6) },
    { name: "asymmetric, α = 0.2", steps: steps("asymmetric", 0.2, null) },
    { name: "asymmetric, α = 0.5", steps: steps("asymmetric", 0.5, null) },
    { name: "rebalanced, α = 0.5", steps: steps("rebalanced", 0.5, 1) },
    { name: "rebalanced, α = 0.01", steps: steps("rebalanced", 0.01, 1) },
  ].filter(({ steps }) => Number.isFinite(steps));
  const names = all.map(({ name }) => name);
  return figure({
    title: "To an error of 10⁻⁶: seven million steps, a few thousand, or two hundred",
    subtitle: "Mean over seeds; k = 5 columns for a target of rank 3",
    height: 170,
    x: logAxis("steps", "Steps to an error of 10⁻⁶", { domain: [50, 5e7] }),
    y: categoryAxis("name", { order: names }),
    layer: [
      points(all, { size: 90, color: palette[0], opacity: 1 }),
      {
        data: { values: all.map((row) => ({ ...row, label: Math.round(row.steps).toLocaleString("en") })) },
        mark: { type: "text", align: "left", dx: 10 },
        encoding: { text: { field: "label" } },
      },
    ],
  });
}

export const figures = { key, sublinear, rates, sensing, cost };
