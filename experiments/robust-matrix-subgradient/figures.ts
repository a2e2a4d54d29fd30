/** Figures, the key one first. */
import { distinct, type Figure, groupsOf, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  numberLabel,
  palette,
  panels,
  points,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { signRipScale } from "../../lib/sensing/mod.ts";
import { type Loss, ofPanel, type Row, type RunKey } from "./rows.ts";

const ERROR = "Error ‖UUᵀ − X*‖";
/** Two shades of one colour for lines that coincide: the deep one on the pale one is neither mixed nor hidden. */
const [PALE, DEEP] = ["#9ecae1", "#08519c"];
const percent = (share: number) => `${Math.round(100 * share)} %`;

/** The step at which a start of scale alpha has grown to 1 on average, if it does. */
function escape({ alpha, probability, std, decay }: RunKey): number | null {
  const rate = signRipScale(Math.SQRT2, { kind: "outliers", probability, std }) / Math.SQRT2;
  let size = alpha;
  for (let t = 0; t < 2000; t++) {
    if (size >= 1) return t;
    size *= 1 + 0.3 * decay ** t * rate;
  }
  return null;
}

/**
 * The geometric mean over seeds with its range, one line per series. The line of `under` is wide, without its range and
 * below the others: one that coincides with it leaves it visible, and no two colours mix.
 */
function means<R extends RunKey, X extends keyof R & string, Y extends keyof R & string>(
  rows: readonly R[],
  { x, y, series, under }: { x: X; y: Y; series: (row: R) => string; under?: string },
) {
  const shown = rows.filter((row) => Number(row[y]) > 0)
    .map((row) => ({ [x]: row[x], [y]: row[y], series: series(row) }) as Record<string, string | number>);
  const fields = { x, y, series: "series", center: "geometric mean" } as const;
  const isUnder = (row: Record<string, string | number>) => row.series === under;
  const wide = shown.filter(isUnder);
  const mark = meanAndRange(shown.filter((row) => !isUnder(row)), fields);
  if (wide.length === 0) return [mark];
  const middle = groupsOf(wide, x).map(({ value, rows }) => ({
    [x]: value,
    [y]: Math.exp(rows.reduce((sum, row) => sum + Math.log(Number(row[y])), 0) / rows.length),
    series: under!,
  }));
  return [lines(middle, { x, y, strokeWidth: 7 }), mark];
}

/** The key figure: error against steps, one panel per start, one line per number of columns. */
function key({ curve, run }: RowTable<Row>): Figure {
  const own = ofPanel(curve, "start");
  const name = ({ k }: RunKey) => `k = ${k}`;
  const names = distinct(own.toSorted((a, b) => a.k - b.k), "k").map((k) => `k = ${k}`);
  const panel = (alpha: number, i: number) => {
    const rows = own.filter((row) => row.alpha === alpha);
    const at = alpha < 0.5 ? escape(rows[0]) : null;
    const length = (step: number) => 0.3 * rows[0].decay ** step;
    return {
      title: `Start of size α = ${numberLabel(alpha)}`,
      x: linearAxis("step", "Step", { domain: [0, 2000], tickCount: 3 }),
      y: logAxis("error", ERROR, { domain: [1e-10, 10] }),
      color: colorBy("series", null, names, [palette[2], PALE, DEEP, ...palette.slice(6)]),
      layer: [
        ...means(rows, { x: "step", y: "error", series: name, ...(alpha < 0.5 ? { under: "k = 5" } : {}) }),
        theoryLine(length, { x: "step", y: "error", domain: [0, 2000], count: 2 }),
        ...(at === null ? [] : [
          theoryRule({ x: at }, { stroke: "dotted" }),
          annotation("predicted escape", { x: at, y: 4, side: "right" }),
        ]),
        ...(i === 0 ? [annotation("step size ηₜ", { x: 1150, y: length(1150), side: "left" })] : []),
      ],
    };
  };
  const [{ m, probability } = { m: 800, probability: 0.1 }] = ofPanel(run, "start");
  return figure({
    title: "Started small, more columns than the rank cost nothing",
    subtitle: `20 × 20, rank 2, ${m} measurements, ${
      percent(probability)
    } of them wrong; k columns; mean and range of seeds`,
    ...panels(distinct(own, "alpha").map(panel)),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Final error against the scale of the start. */
function starts({ run }: RowTable<Row>): Figure {
  const runs = [
    ...ofPanel(run, "scale"),
    ...ofPanel(run, "start").filter(({ k, alpha }) => k === 20 && alpha !== 1e-3),
    ...ofPanel(run, "population"),
  ].map(({ alpha, lastError, m }) => ({ alpha, lastError, series: `m = ${m ?? "∞"}` }));
  return figure({
    title: "The smaller the start, the smaller the error",
    subtitle: "20 columns for a target of rank 2, same steps for all; dashed: α²/2; mean and range of seeds",
    x: logAxis("alpha", "Size of the start, α", { domain: [6e-7, 1.6] }),
    y: logAxis("lastError", "Error at the end", { domain: [1e-10, 10] }),
    color: colorBy("series", null, distinct(runs, "series")),
    layer: [
      meanAndRange(runs, {
        x: "alpha",
        y: "lastError",
        series: "series",
        center: "geometric mean",
        as: "bars",
      }),
      theoryLine((alpha) => alpha ** 2 / 2, {
        x: "alpha",
        y: "lastError",
        domain: [4e-5, 1e-1],
        spacing: "log",
        count: 2,
      }),
    ],
    config: legendAt("bottom"),
  });
}

/** Signal against residual. */
function race({ race }: RowTable<Row>): Figure {
  const names = ["second singular value of U", "third singular value of U"];
  const values = (run: Row<"race">["run"]) =>
    race.filter((row) => row.run === run).flatMap(({ step, signal, residual }) => [
      { step, value: signal, series: names[0] },
      { step, value: residual, series: names[1] },
    ]);
  const predicted = race.filter(({ run }) => run === "measured")
    .flatMap(({ step, predicted }) => predicted === null ? [] : [{ step, value: predicted }]);
  return figure({
    title: "Why small wins: the target grows, the columns too many stay small",
    subtitle: "20 columns, α = 10⁻⁶, a tenth of 800 measurements wrong; the target has rank 2",
    x: linearAxis("step", "Step", { domain: [0, 1200] }),
    y: logAxis("value", "Singular value", { domain: [1e-7, 3] }),
    color: colorBy("series", null, names),
    layer: [
      lines(values("measured")),
      theoryLine(values("population"), { series: "series", stroke: "dotted" }),
      theoryLine(predicted),
      annotation("dashed: growth by 1 + ηₜφσᵣ/‖X*‖", { x: 180, y: 8e-3, side: "right" }),
      annotation("dotted: infinitely many measurements", { x: 500, y: 2.5e-7, side: "right" }),
    ],
    config: legendAt("bottom", { labelLimit: 300 }),
  });
}

/** Beside the squared loss. */
function baseline({ curve }: RowTable<Row>): Figure {
  const name = (loss: Loss, probability: number) => `${loss} loss, ${percent(probability)} wrong`;
  const names = [0.1, 0.2].flatMap((share) => [name("squared", share), name("absolute", share)]);
  return figure({
    title: "The squared loss never gets near, the absolute loss does not mind",
    subtitle:
      "m = 1200, outliers of standard deviation 10, 20 columns, α = 10⁻³; squared loss: 1,000 steps; mean and range of seeds",
    x: linearAxis("step", "Step", { domain: [0, 4000], tickCount: 5 }),
    y: logAxis("error", ERROR, { domain: [1e-4, 3] }),
    color: colorBy("series", null, names, [palette[1], palette[0], palette[4], palette[5]]),
    layer: means(ofPanel(curve, "baseline"), {
      x: "step",
      y: "error",
      series: ({ loss, probability }) => name(loss, probability),
    }),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/** Whether the steps suffice. */
function budget({ run }: RowTable<Row>): Figure {
  const values = ofPanel(run, "budget").flatMap(({ have, need, lastError, alpha }) =>
    have === null || need === null
      ? []
      : [{ spare: have - need, error: lastError, series: `α = ${numberLabel(alpha)}` }]
  );
  return figure({
    title: "Whether the steps suffice can be read off the data before the first one",
    subtitle: "One point per run; growth the schedule allows, λ₂ Σηₜ, minus growth needed, ln(1/α) + 1",
    height: 280,
    x: linearAxis("spare", "Growth to spare", { values: [-4, -3, -2, -1, 0, 1, 2, 3] }),
    y: logAxis("error", "Error at the end", { domain: [1e-10, 5] }),
    color: colorBy("series", "Start", distinct(values, "series")),
    layer: [
      theoryRule({ x: 0 }),
      points(values, { size: 70 }),
      annotation("enough →", { x: 0, y: 1e-3, side: "right" }),
    ],
    config: legendAt("bottom", { symbols: "dot" }),
  });
}

/** Dense noise: the rate, and late overfitting. */
function gaussian({ run, curve }: RowTable<Row>): Figure {
  const name = ({ loss, k }: RunKey) => loss === "squared" ? "squared, k = 2" : `absolute, k = ${k}`;
  const color = colorBy("series", null, ["absolute, k = 2", "absolute, k = 20", "squared, k = 2"], [
    PALE,
    DEEP,
    palette[1],
  ]);
  const rows = ofPanel(run, "gaussian").filter(({ loss, k }) => loss === "absolute" || k === 2);
  const curves = ofPanel(curve, "gaussian").filter(({ loss }) => loss === "absolute");
  return figure({
    title: "Dense noise: the best iterate is as good as can be, the last one is not",
    subtitle:
      "Noise of standard deviation 0.5 on every measurement; mean and range of seeds; dashed: ν√(rd/m)",
    ...panels([
      {
        title: "Best error of a run",
        x: logAxis("m", "Measurements m", { domain: [190, 1700], values: [200, 400, 800, 1600] }),
        y: logAxis("bestError", ERROR, { domain: [0.05, 0.5], values: [0.05, 0.1, 0.2, 0.5] }),
        color,
        layer: [
          ...means(rows, { x: "m", y: "bestError", series: name, under: "absolute, k = 2" }),
          theoryLine((m) => 0.5 * Math.sqrt(40 / m), {
            x: "m",
            y: "bestError",
            domain: [200, 1600],
            spacing: "log",
            count: 2,
          }),
        ],
      },
      {
        title: "m = 200: overfitting comes late",
        x: linearAxis("step", "Step", { domain: [0, 600] }),
        y: logAxis("error", ERROR, { domain: [0.2, 2], values: [0.2, 0.5, 1, 2] }),
        color,
        layer: means(curves, { x: "step", y: "error", series: name, under: "absolute, k = 2" }),
      },
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** What can be destroyed, and where it ends. */
function limits({ run }: RowTable<Row>): Figure {
  const runs = [...ofPanel(run, "baseline"), ...ofPanel(run, "dense"), ...ofPanel(run, "limits")]
    .toSorted((a, b) => a.probability - b.probability || (a.m ?? 0) - (b.m ?? 0))
    .map((row) => ({
      what: `${percent(row.probability)} of ${row.m}`,
      loss: `${row.loss} loss`,
      error: row.loss === "squared" ? row.bestError : row.lastError,
    }));
  return figure({
    title: "Half may be wrong; too many wrong, or too few in all, and it fails",
    subtitle:
      "Wrong share of all measurements; one point per seed, at the end (squared loss: at best); 20 columns",
    height: 240,
    x: logAxis("error", ERROR, { domain: [1e-10, 5] }),
    y: categoryAxis("what", { order: distinct(runs, "what"), grid: true }),
    color: colorBy("loss", null, ["absolute loss", "squared loss"], [palette[0], palette[1]]),
    layer: [points(runs, { size: 75 })],
    config: legendAt("bottom", { symbols: "dot" }),
  });
}

/** Principal components of images, true and recovered. */
function digits({ pixel }: RowTable<Row>): Figure {
  const names: Record<Row<"pixel">["method"], string> = {
    truth: "truth",
    absolute: "absolute loss",
    squared: "squared loss",
  };
  const values = pixel.map(({ method, component, x, y, value }) => ({
    method: names[method],
    component: `component ${component}`,
    x,
    y,
    value,
  }));
  return figure({
    title: "Principal components of real digits, from sketches of which a tenth are wrong",
    subtitle: "Covariance of 1,797 images, 64 × 64, rank 3, 2,500 sketches, 8 columns",
    data: { values },
    mark: { type: "rect" },
    width: 110,
    height: 110,
    encoding: {
      x: { field: "x", type: "ordinal", axis: null },
      y: { field: "y", type: "ordinal", axis: null },
      color: {
        field: "value",
        type: "quantitative",
        title: null,
        legend: null,
        scale: { scheme: "redblue", domain: [-0.35, 0.35], clamp: true },
      },
      row: { field: "component", type: "nominal", title: null, spacing: 6 },
      column: { field: "method", type: "nominal", title: null, sort: Object.values(names), spacing: 6 },
    },
    config: { view: { stroke: null } },
  });
}

export const figures = { key, starts, race, baseline, budget, gaussian, limits, digits };
