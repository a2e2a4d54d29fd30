import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { type CurveRow, curvesOf, type Kind, type Row, type RunRow } from "./rows.ts";

/** A curve's line: the geometric mean over seeds with its extremes. */
interface Point {
  step: number;
  error: number;
  low: number;
  high: number;
  line: string;
}

/** Mean and extremes over seeds, one line for every label. */
function overSeeds(rows: CurveRow[], label: (row: CurveRow) => string): Point[] {
  const groups = new Map<string, CurveRow[]>();
  for (const row of rows) {
    const name = `${label(row)}|${row.step}`;
    groups.set(name, [...groups.get(name) ?? [], row]);
  }
  return [...groups.values()].map((group) => {
    const errors = group.map(({ error }) => error);
    const mean = Math.exp(errors.reduce((sum, error) => sum + Math.log(error), 0) / errors.length);
    return {
      step: group[0].step,
      error: mean,
      low: Math.min(...errors),
      high: Math.max(...errors),
      line: label(group[0]),
    };
  }).filter(({ error }) => error > 1e-14);
}

/** Lines with a band from the smallest to the largest seed. */
function bands(points: Point[], domain: string[], range: readonly string[], title: string | null) {
  // Opaque symbols: the band would make those of the legend as faint as itself.
  const color = { ...colorBy("line", title, domain, range), legend: { symbolOpacity: 1, title } };
  return [
    {
      data: { values: points },
      mark: { type: "area" as const, opacity: 0.18, clip: true },
      encoding: {
        y: { field: "low", type: "quantitative" as const },
        y2: { field: "high" },
        color,
      },
    },
    {
      data: { values: points },
      mark: { type: "line" as const, clip: true },
      encoding: { y: { field: "error", type: "quantitative" as const }, color },
    },
  ];
}

const errorAxis = (domain: [number, number], title = "Distance ‖FGᵀ − Σ‖") =>
  logAxis("error", title, { domain });

/** The key figure: symmetric is slow, asymmetric as fast as its start is large, rebalanced always fast. */
function key(rows: Row[]): Figure {
  const panel = (
    isFirst: boolean,
    title: string,
    points: Point[],
    domain: string[],
    range: readonly string[],
    steps: number,
  ) => ({
    width: 175,
    height: 260,
    title: { text: title, fontSize: 12, frame: "group", offset: 4 },
    layer: bands(points.filter(({ step }) => step <= steps), domain, range, null),
    encoding: {
      x: linearAxis("step", "Step", { domain: [0, steps], tickCount: 3 }),
      y: isFirst ? errorAxis([1e-10, 10]) : errorAxis([1e-10, 10], ""),
    },
  });
  const alphas = [1, 0.7, 0.5, 0.3, 0.2];
  const widths = [3, 4, 5, 10];
  const starts = [0.5, 0.1, 0.01];
  const shades = ["#08306b", "#1f5fa8", "#4292c6", "#7fb6dd", "#a9cbe6"];
  const asymmetric = curvesOf(rows, "asymmetric", null).filter(({ alpha }) => alphas.includes(alpha));
  const rebalanced = curvesOf(rows, "rebalanced", null).filter(({ beta }) => beta === 1);
  return figure({
    title: {
      text: "Symmetry is slow, imbalance is fast, and rebalancing forgets the start",
      subtitle: "50 × 50, rank 3, infinitely many measurements, step size 0.1; mean and range of seeds",
    },
    hconcat: [
      panel(
        true,
        "Symmetric XXᵀ: k > 3 is slow",
        overSeeds(curvesOf(rows, "symmetric", null), ({ k }) => `k = ${k}`),
        widths.map((k) => `k = ${k}`),
        [palette[2], palette[4], palette[1], palette[6]],
        2000,
      ),
      panel(
        false,
        "Asymmetric FGᵀ, k = 5",
        overSeeds(asymmetric, ({ alpha }) => `α = ${alpha}`),
        alphas.map((alpha) => `α = ${alpha}`),
        shades,
        3000,
      ),
      panel(
        false,
        "Rebalanced once, k = 5",
        overSeeds(rebalanced, ({ alpha }) => `α = ${alpha} `),
        starts.map((alpha) => `α = ${alpha} `),
        [palette[2], palette[3], palette[0]],
        600,
      ),
    ],
    spacing: 14,
    resolve: { scale: { color: "independent" } },
    config: { legend: { orient: "bottom", columns: 3, symbolType: "stroke" } },
  });
}

/** The 1/t law with its constant. */
function sublinear(rows: Row[]): Figure {
  const points = overSeeds(curvesOf(rows, "symmetric", null).filter(({ k }) => k > 3), ({ k }) => `k = ${k}`)
    .filter(({ step }) => step >= 1);
  const theory = [4, 5, 10].flatMap((k) =>
    [60, 20000].map((step) => ({ step, error: Math.sqrt(k - 3) / (2 * 0.1 * step), k }))
  );
  return figure({
    title: {
      text: "Over-parameterized symmetric descent ends on √(k−r) / 2ηt, whatever its start",
      subtitle: "Symmetric model, 50 × 50, rank 3; dashed: the law, without any fitted constant",
    },
    layer: [
      ...bands(points, ["k = 10", "k = 5", "k = 4"], [palette[6], palette[1], palette[4]], "Columns"),
      {
        data: { values: theory },
        mark: { type: "line", strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.2 },
        encoding: { y: errorAxis([1e-4, 3]), detail: { field: "k" } },
      },
    ],
    encoding: {
      x: logAxis("step", "Step t", { domain: [1, 20000] }),
      y: errorAxis([1e-4, 3]),
    },
  });
}

/** Measured against predicted rates. */
function rates(rows: Row[]): Figure {
  const names: Partial<Record<Kind, string>> = { asymmetric: "asymmetric", rebalanced: "rebalanced" };
  const values = rows.filter((row): row is RunRow =>
    row.type === "run" && row.kind in names && (row.kind === "rebalanced" || row.alpha > 0.01) &&
    row.rate !== null && row.predicted !== null
  ).map(({ kind, m, rate, predicted, alpha }) => ({
    rate: -rate!,
    predicted: -predicted!,
    alpha,
    line: `${names[kind]}, ${m === null ? "m = ∞" : `m = ${m}`}`,
  }));
  const domain = [...new Set(values.map(({ line }) => line))].sort();
  const ends = [0.0015, 0.2].map((x) => ({ predicted: x, rate: x }));
  return figure({
    title: {
      text: "The rate is known before the run",
      subtitle:
        "A point a run; dashed: measured = predicted. The largest start, α = 1, is slower than its imbalance",
    },
    width: 380,
    height: 340,
    layer: [
      {
        data: { values: ends },
        mark: { type: "line", strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.2 },
      },
      {
        data: { values },
        mark: { type: "point", filled: true, size: 55, opacity: 0.75 },
        encoding: { color: colorBy("line", null, domain) },
      },
    ],
    encoding: {
      x: logAxis("predicted", "Predicted decay per step, −ln(1 − ηλ)", { domain: [0.0015, 0.2] }),
      y: logAxis("rate", "Measured decay per step", { domain: [0.0015, 0.2] }),
    },
  });
}

/** With few measurements. */
function sensing(rows: Row[]): Figure {
  const lines: [Kind, number, string, string][] = [
    ["symmetric", 320, "symmetric, m = 320", palette[1]],
    ["asymmetric", 320, "asymmetric, m = 320", palette[0]],
    ["rebalanced", 320, "rebalanced, m = 320", palette[2]],
    ["symmetric", 120, "symmetric, m = 120", palette[4]],
    ["asymmetric", 120, "asymmetric, m = 120", palette[3]],
  ];
  const points = lines.flatMap(([kind, m, line]) =>
    overSeeds(curvesOf(rows, kind, m).filter(({ alpha }) => alpha === 0.5), () => line)
  ).filter(({ step }) => step >= 1);
  return figure({
    title: {
      text: "Real measurements: the same order of speed, until there are too few of them",
      subtitle: "20 × 20, rank 2, k = 4, α = 0.5; 120 measurements do not pin down an asymmetric FGᵀ",
    },
    layer: bands(points, lines.map(([, , line]) => line), lines.map(([, , , color]) => color), null),
    encoding: {
      x: logAxis("step", "Step", { domain: [1, 20000] }),
      y: errorAxis([1e-10, 10]),
    },
  });
}

/** What over-parameterization costs: steps to one millionth. */
function cost(rows: Row[]): Figure {
  const one = (kind: Kind, alpha: number, beta: number | null) =>
    rows.filter((row): row is RunRow =>
      row.type === "run" && row.kind === kind && row.m === null && row.alpha === alpha && row.beta === beta
    ).flatMap(({ below }) => below["1e-6"] ?? []);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const bars = [
    { model: "symmetric, k = 5 (law)", steps: Math.SQRT2 / (2 * 0.1 * 1e-6) },
    { model: "asymmetric, α = 0.2", steps: mean(one("asymmetric", 0.2, null)) },
    { model: "asymmetric, α = 0.5", steps: mean(one("asymmetric", 0.5, null)) },
    { model: "rebalanced, α = 0.5", steps: mean(one("rebalanced", 0.5, 1)) },
    { model: "rebalanced, α = 0.01", steps: mean(one("rebalanced", 0.01, 1)) },
  ].filter(({ steps }) => Number.isFinite(steps)).map((bar) => ({
    ...bar,
    text: `${Math.round(bar.steps)}`,
  }));
  const models = bars.map(({ model }) => model);
  return figure({
    title: {
      text: "Steps to an error of 10⁻⁶",
      subtitle: "k = 5 columns for a target of rank 3; logarithmic axis",
    },
    height: 190,
    data: { values: bars },
    layer: [
      { mark: { type: "bar", height: 20, color: palette[0] }, encoding: { x2: { datum: 50 } } },
      { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "text" } } },
    ],
    encoding: {
      x: logAxis("steps", "Steps", { domain: [50, 6e7] }),
      y: { field: "model", type: "nominal", sort: models, title: null, axis: { labelLimit: 260 } },
    },
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = { key, sublinear, rates, sensing, cost };
