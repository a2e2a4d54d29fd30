/** Figures, the key one first. */
import { distinct, type Figure, groupsOf, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  knob,
  legendAt,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { NEWTON_SCHULZ, newtonSchulzScalar } from "../../lib/optimizers/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import type { Row, Schedule } from "./rows.ts";
import { rates, ratesClean, ratesMany, training } from "./training_figures.ts";

type Rows = RowTable<Row>;

const LAYERS = ["Layer 2, 64 × 256", "Layer 3, 256 × 64", "Layer 4, 64 × 256"];

/** The paper's three series, with what its figure shows after step 1200, averaged over its four panels. */
const SERIES: { schedule: Schedule; line: string; color: string; published: number }[] = [
  { schedule: "classic", line: "classic Newton–Schulz", color: palette[6], published: 0.75 },
  { schedule: "Muon", line: "Muon", color: palette[0], published: 0.24 },
  { schedule: "AdaNewton", line: "AdaNewton (ROOT)", color: palette[2], published: 0.185 },
];

/** Relative orthogonalization error against the step, a panel for each layer. */
function precision(rows: Rows): Figure {
  const shown = SERIES.flatMap(({ schedule, line }) =>
    rows.precision.filter((row) => row.schedule === schedule)
      .map(({ layer, step, error }) => ({ layer, step, line, error }))
  );
  const last = Math.max(...rows.precision.map(({ step }) => step));
  const end = 20 * Math.ceil(last / 20);
  return figure({
    title: "Fitted coefficients orthogonalize better, at every step and in every layer",
    subtitle: [
      "‖X₅ − UVᵀ‖ / ‖UVᵀ‖ of the momentum of an MLP on digits, after five steps",
      "fitted on one seed, evaluated on another; mean and range of pairs of seeds",
      "diamonds: the paper’s 1B model, read off its figure, mean of its four layers",
    ],
    ...panels(
      groupsOf(shown, "layer").map(({ value: layer, rows: own }) => ({
        title: LAYERS[layer - 2],
        x: linearAxis("step", "Training step", { domain: [0, end], tickCount: 4 }),
        y: logAxis("error", "Relative error", { domain: [0.1, 1] }),
        color: colorBy("line", null, SERIES.map(({ line }) => line), SERIES.map(({ color }) => color)),
        layer: [
          meanAndRange(own, { x: "step", y: "error", series: "line" }),
          publishedPoints(SERIES.map(({ line, published }) => ({ step: end, line, error: published })), {
            bySeries: true,
          }),
        ],
      })),
    ),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Every schedule on the same momenta: those with a triple per step win. */
function schedules(rows: Rows): Figure {
  const kinds: [schedule: Schedule, name: string, color: string][] = [
    ["cubic", "classic cubic", palette[6]],
    ["classic", "classic quintic", palette[6]],
    ["fitted to Gaussians", "fitted to random matrices", palette[3]],
    ["Muon", "Muon", palette[0]],
    ["fitted to a 1:3 mix", "fitted to a 1:3 mix", palette[3]],
    ["AdaNewton, one for the shape", "AdaNewton, per shape", palette[2]],
    ["AdaNewton", "AdaNewton, per layer", palette[2]],
    ["You", "You, per step", palette[4]],
    ["Polar Express", "Polar Express, per step", palette[4]],
  ];
  const dots = summarizeBy(rows.precision, ["calibration", "layer", "schedule"], "error").map((group) => ({
    name: kinds.find(([schedule]) => schedule === group.schedule)![1],
    error: group.mean,
  }));
  const names = kinds.map(([, name]) => name);
  const texts = names.map((name) => ({
    name,
    error: 0.93,
    text: mean(dots.filter((dot) => dot.name === name).map(({ error }) => error)).toFixed(3),
  }));
  return figure({
    title: "A triple per step beats a triple per shape",
    subtitle: "Five steps on the same momenta; dots: layers and pairs of seeds, bar and number: mean",
    height: 270,
    width: 400,
    x: linearAxis("error", "Mean relative error", { domain: [0, 1], tickCount: 6 }),
    y: categoryAxis("name", { order: names, grid: true }),
    color: { ...colorBy("name", null, names, kinds.map(([, , color]) => color)), legend: null },
    layer: [
      dotsAndMean(dots, { value: "error", category: "name" }),
      {
        data: { values: texts },
        mark: { type: "text", align: "left" },
        encoding: { text: { field: "text" } },
      },
    ],
  });
}

/** What five steps do to a singular value, above where the singular values are. */
function why({ fit, spectrum }: Rows): Figure {
  const fitted = (schedule: Schedule) =>
    new Array(5).fill(fit.find((row) => row.layer === 2 && row.schedule === schedule)!.quintic);
  const curves = [
    { line: "Muon", coefficients: NEWTON_SCHULZ.muon5, color: palette[0] },
    { line: "AdaNewton", coefficients: fitted("AdaNewton"), color: palette[2] },
    { line: "fitted to random matrices", coefficients: fitted("fitted to Gaussians"), color: palette[3] },
  ];
  // The more steps, the more turns.
  const counts = [50, 50, 60, 100, 200];
  const grid = (steps: number) =>
    Array.from({ length: counts[steps - 1] }, (_, i) => 10 ** (-4 * (1 - i / (counts[steps - 1] - 1))));
  const steps = knob("steps", [1, 2, 3, 4, 5], { label: "Newton–Schulz steps", start: 4 });
  const sources = { momentum: "momenta of training", Gaussian: "random 64 × 256 matrices" };
  const shares = summarizeBy(spectrum.filter(({ value }) => value > 1e-4), ["source", "value"], "share")
    .map(({ source, value, mean }) => ({ x: value, share: mean, source: sources[source] }));
  const x = logAxis("x", "Singular value over Frobenius norm", { domain: [1e-4, 1] });
  return figure({
    params: [steps.param],
    title: "Momentum has small singular values, random matrices do not",
    subtitle: "Above: what the steps do to a singular value; below: where these are",
    ...panels([
      {
        x,
        y: linearAxis("y", "After the steps", { domain: [0, 1.3] }),
        color: {
          ...colorBy("line", null, curves.map(({ line }) => line), curves.map(({ color }) => color)),
          legend: { orient: "bottom-right", symbolType: "stroke" },
        },
        layer: [
          theoryRule({ y: 1 }),
          steps.show(
            lines(
              [1, 2, 3, 4, 5].flatMap((steps) =>
                curves.flatMap(({ line, coefficients }) =>
                  grid(steps).map((x) => ({
                    steps,
                    x,
                    y: newtonSchulzScalar(x, coefficients.slice(0, steps)),
                    line,
                  }))
                )
              ),
            ),
          ),
          steps.readout,
        ],
      },
      {
        data: { values: shares },
        mark: { type: "area", opacity: 0.45, interpolate: "step", line: true },
        x,
        y: { ...linearAxis("share", "Share", { format: "%", tickCount: 3 }), stack: null },
        color: {
          ...colorBy("source", null, Object.values(sources), [palette[2], palette[3]]),
          legend: { orient: "top-left" },
        },
      },
    ], { columns: 1, height: [200, 110], colors: "independent", spacing: 8 }),
  });
}

/** Protocol A: the error of a schedule as a function of the shape. */
function fragility({ fragility }: Rows): Figure {
  const all = fragility.filter(({ m, n }) => Number.isInteger(Math.log2(n / m)));
  const sides = distinct(all, "m").sort((a, b) => b - a).map(String);
  const aspects = [...new Set(all.map(({ m, n }) => n / m))].sort((a, b) => a - b).map(String);
  const shown: [schedule: Schedule, title: string][] = [
    ["cubic", "cubic"],
    ["classic", "classic quintic"],
    ["Muon", "Muon"],
    ["You", "You"],
    ["Polar Express", "Polar Express"],
    ["fitted to Gaussians", "fitted to each shape"],
  ];
  const axis = (field: string, title: string, sort: string[]) => ({
    field,
    type: "ordinal",
    sort,
    title,
    axis: { labelAngle: 0 },
  });
  const error = {
    field: "error",
    type: "quantitative",
    title: "Relative error",
    scale: { domain: [0, 0.9], scheme: "yelloworangebrown" },
    legend: { gradientLength: 150, orient: "bottom", direction: "horizontal" },
  };
  return figure({
    title: "How imprecise five steps are depends on the shape",
    subtitle: "Gaussian matrices, by the Marchenko–Pastur law (exact for large matrices)",
    ...panels(
      shown.map(([schedule, title]) => ({
        title,
        data: {
          values: all.filter((row) => row.schedule === schedule).map(({ m, n, error }) => ({
            m: String(m),
            aspect: String(n / m),
            error,
            text: error < 0.0095 ? "<.01" : error.toFixed(2).slice(1),
          })),
        },
        x: axis("aspect", "Longer over shorter side", aspects),
        y: axis("m", "Shorter side", sides),
        layer: [
          { mark: { type: "rect" }, encoding: { color: error } },
          {
            mark: { type: "text", fontSize: 9.5 },
            encoding: {
              text: { field: "text" },
              color: { condition: { test: "datum.error > 0.55", value: "white" }, value: "#1f2430" },
            },
          },
        ],
      })),
      { columns: 3, width: 165, height: 150, spacing: 14 },
    ),
  });
}

/** The published triples at their shapes. */
function published({ fragility }: Rows): Figure {
  const shapes = fragility.filter(({ schedule }) => schedule === "published").sort((a, b) => a.n - b.n);
  const names: [schedule: Schedule, line: string, color: string][] = [
    ["Muon", "Muon", palette[0]],
    ["published", "ROOT, published", palette[2]],
    ["fitted to Gaussians", "fitted to each shape", palette[3]],
  ];
  const values = shapes.flatMap(({ m, n }) =>
    names.flatMap(([schedule, line]) =>
      fragility.filter((row) => row.schedule === schedule && row.m === m && row.n === n)
        .map(({ error }) => ({ shape: `${m} × ${n}`, line, error }))
    )
  );
  return figure({
    title: "The published triples suit their shapes",
    subtitle: "Gaussian matrices of the four shapes of the paper’s 1B model",
    width: 430,
    height: 150,
    y: categoryAxis("shape", { order: shapes.map(({ m, n }) => `${m} × ${n}`), grid: true }),
    x: linearAxis("error", "Relative error", { domain: [0, 0.25] }),
    color: colorBy("line", null, names.map(([, line]) => line), names.map(([, , color]) => color)),
    layer: [points(values, { size: 110, opacity: 1 })],
    config: legendAt("bottom", { symbols: "dot" }),
  });
}

/** Protocol C: cosine with the clean polar factor against the size of the outliers. */
function outliers({ outlier }: Rows): Figure {
  const names: Row<"outlier">["method"][] = ["ROOT", "exact polar factor", "Muon"];
  return figure({
    title: "Beyond its threshold, ROOT ignores the size of an outlier",
    subtitle: "32 × 64 Gaussian, 20 entries raised; mean and range of draws",
    height: 300,
    x: logAxis("size", "Size K of the outliers", { domain: [1, 1e8] }),
    y: linearAxis("cosine", "Cosine with clean polar factor", { domain: [-0.1, 1], tickCount: 6 }),
    color: colorBy("method", null, names, [palette[2], palette[4], palette[0]]),
    layer: [
      meanAndRange(outlier.filter(({ size }) => size > 0), { x: "size", y: "cosine", series: "method" }),
    ],
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** When the threshold itself is an outlier. */
function breakdown({ breakdown }: Rows): Figure {
  const settings = ["K = 1000, q = 0.9", "K = 100, q = 0.9", "K = 100, q = 0.8"];
  const thresholds = breakdown.filter(({ clip }) => clip === "momentum")
    .map(({ probability, inflation, predicted, size, quantile }) => ({
      probability,
      inflation,
      predicted,
      line: `K = ${size}, q = ${quantile}`,
    })).filter(({ line }) => settings.includes(line));
  const places = { gradient: "clip before", momentum: "ROOT", none: "Muon" };
  const cosines = breakdown.filter(({ size, quantile }) => size === 100 && quantile === 0.9)
    .map(({ probability, cosine, clip }) => ({ probability, cosine, line: places[clip] }));
  const x = logAxis("probability", "Share of entries hit", { domain: [1e-4, 0.1] });
  return figure({
    title: "Momentum spreads hits until the threshold is an outlier too",
    subtitle: "Gaussian gradients, momentum 0.95; dashed: law of the last hit",
    ...panels([
      {
        title: "ROOT’s threshold",
        x,
        y: logAxis("inflation", "Threshold over clean one", { domain: [0.9, 400] }),
        color: {
          ...colorBy("line", null, settings, [palette[6], palette[2], palette[5]]),
          legend: { orient: "top-left", symbolType: "circle" },
        },
        layer: [
          points(thresholds, { size: 50, opacity: 1 }),
          theoryLine(thresholds, { x: "probability", y: "predicted", series: "line" }),
        ],
      },
      {
        title: "Direction, K = 100",
        x,
        y: linearAxis("cosine", "Cosine with clean factor", { domain: [0, 1] }),
        color: {
          ...colorBy("line", null, Object.values(places), [palette[4], palette[2], palette[0]]),
          legend: { orient: "bottom-left", symbolType: "stroke" },
        },
        layer: [lines(cosines, { dots: true })],
      },
    ], { height: 250, spacing: 20, colors: "independent" }),
  });
}

export const figures = {
  precision,
  schedules,
  why,
  fragility,
  published,
  outliers,
  training,
  breakdown,
  rates,
  ratesClean,
  ratesMany,
};
