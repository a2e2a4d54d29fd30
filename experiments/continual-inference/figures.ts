/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
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
  palette,
  panels,
  points,
  publishedPoints,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { nameOf } from "./adapters.ts";
import { PUBLISHED_GMAC, PUBLISHED_SAVINGS } from "./claims.ts";
import { SERIES } from "./signal.ts";
import type { Row } from "./rows.ts";

/** Forms of attention, as they are called in figures. */
const FORMS = {
  regular: "from scratch",
  retroactive: "retroactive, all n outputs",
  "single-output": "single output",
};
const FORM_COLORS = { regular: palette[3], retroactive: palette[0], "single-output": palette[2] };

/** What a step of attention costs, and that it returns the same. */
function key({ "attention-count": counts, attention }: RowTable<Row>): Figure {
  const named = counts.map((row) => ({ ...row, series: FORMS[row.form] }));
  const same = attention.map((row) => ({
    ...row,
    series: FORMS[row.form],
    error: Math.max(row.error, 1e-17),
  }));
  const windows = distinct(counts, "window");
  const color = colorBy("series", null, Object.values(FORMS), Object.values(FORM_COLORS));
  return figure({
    title: "The same outputs for an n-th of the work",
    subtitle: "Attention over the last n tokens, one head of 64 numbers, per new token; dashed: 7 · 64 n",
    ...panels([
      {
        title: "Multiplications per step",
        x: logAxis("window", "Tokens in the window n", { values: windows }),
        y: logAxis("mul", "Multiplications"),
        color,
        layer: [
          lines(named, { x: "window", y: "mul", dots: true }),
          theoryLine((n) => 7 * n * 64, {
            x: "window",
            y: "mul",
            domain: [windows[0], windows.at(-1)!],
            spacing: "log",
          }),
        ],
      },
      {
        title: "Largest difference of the outputs",
        x: logAxis("window", "Tokens in the window n", { values: windows }),
        y: logAxis("error", "From attention in float64", { domain: [1e-17, 1e-3] }),
        color,
        layer: [
          points(same, { x: "window", y: "error", size: 40 }),
          annotation("float32", { x: windows[0], y: 1e-5, side: "right" }),
          annotation("float64", { x: windows[0], y: 1e-13, side: "right" }),
        ],
      },
    ]),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Streams against clips, network by network. */
function identity({ identity }: RowTable<Row>): Figure {
  const shown = identity.map((row) => ({ ...row, relative: Math.max(row.error / row.scale, 1e-17) }));
  const networks = distinct(identity, "network");
  return figure({
    title: "A stream returns what the clip returns, to rounding",
    subtitle:
      "Largest difference over the largest output, a dot per seed; dashed: what is allowed, 1e-12 and 1e-5",
    height: 30 * networks.length + 40,
    x: logAxis("relative", "Relative difference", { domain: [1e-17, 1e-3] }),
    y: categoryAxis("network", { order: networks, grid: true }),
    color: colorBy("dtype", null, ["float64", "float32"]),
    layer: [theoryRule({ x: 1e-12 }), theoryRule({ x: 1e-5 }), points(shown, { size: 70 })],
    config: legendAt("bottom", { symbols: "dot" }),
  });
}

/** The paper's table of ST-GCNs, and the other savings that it prints. */
function savings({ count, saving }: RowTable<Row>): Figure {
  const rows = distinct(count, "network");
  const published = Object.entries(PUBLISHED_GMAC).map(([network, gmac]) => ({
    network,
    gmac,
    series: "printed",
  }));
  const ours = saving.filter(({ network }) => network !== "CoST-GCN* over its own clip");
  const printed = Object.entries({ ...PUBLISHED_SAVINGS, ...PRINTED_ELSEWHERE })
    .map(([network, ratio]) => ({ network, ratio }));
  const networks = [...distinct(ours, "network"), ...Object.keys(PRINTED_ELSEWHERE)];
  return figure({
    title: "A hundred times less for graph convolutions, three times for two layers of attention",
    subtitle: "Filled: counted here; hollow: printed by the authors, some of networks that are not run here",
    ...panels([
      {
        title: "ST-GCN, per prediction",
        x: logAxis("gmac", "Billions of multiply-adds", { domain: [0.1, 60] }),
        y: categoryAxis("network", { order: rows, grid: true }),
        layer: [
          points(count, { x: "gmac", y: "network", size: 80, color: palette[0] }),
          publishedPoints(published, { x: "gmac", y: "network", size: 150 }),
        ],
      },
      {
        title: "Work of the clip over that of a step",
        x: logAxis("ratio", "Saving", { domain: [1.5, 150] }),
        y: categoryAxis("network", { order: networks, grid: true }),
        layer: [
          points(ours, { x: "ratio", y: "network", size: 80, color: palette[0] }),
          publishedPoints(printed, { x: "ratio", y: "network", size: 150 }),
        ],
      },
    ], { width: 200, height: 280 }),
  });
}

/** Clip over step for networks that the authors print and that are not run here. */
const PRINTED_ELSEWHERE: Record<string, number> = {
  "OadTR, one layer": 63,
  "OadTR, two layers": 2.6,
  "CoX3D-L": 15.3,
  "CoX3D-M": 15.1,
  "CoX3D-S": 12.1,
  "CoSlow": 8,
  "CoI3D": 5,
};

const METHODS = { plain: "as published", guarded: "guarded" };

/** How wrong retroactive attention gets, by how peaked it is. */
function drift({ drift }: RowTable<Row>): Figure {
  const shown = drift.map((row) => ({
    ...row,
    series: METHODS[row.method],
    error: Math.min(Math.max(row.error, 1e-16), 1e15),
  }));
  const panel = (dtype: string) => ({
    title: dtype,
    x: linearAxis("sigma", "Standard deviation σ of queries and keys", {
      values: distinct(drift, "sigma"),
    }),
    y: logAxis("error", "Largest error", { domain: [1e-16, 1e15] }),
    color: colorBy("series", null, Object.values(METHODS), [palette[1], palette[0]]),
    layer: [
      theoryRule({ y: 1 }, { stroke: "dotted" }),
      meanAndRange(shown.filter((row) => row.dtype === dtype), {
        x: "sigma",
        y: "error",
        series: "series",
        center: "geometric mean",
        rows: true,
      }),
    ],
  });
  return figure({
    title: "Peaked attention ruins retroactive sums; a guard repairs them",
    subtitle:
      "Geometric mean and range of seeds; dotted: as large as the values. Errors above 1e15 are on top",
    ...panels([panel("float32"), panel("float64")]),
    config: legendAt("bottom"),
  });
}

/** The errors of one stream. */
function trace({ trace, drift }: RowTable<Row>): Figure {
  const shown = trace.map((row) => ({
    ...row,
    series: METHODS[row.method],
    error: Math.min(row.error, 1e10),
  }));
  const [sigma] = distinct(trace, "sigma");
  const shares = drift.filter((row) =>
    row.method === "guarded" && row.sigma === sigma && row.dtype === "float32"
  )
    .map(({ recomputed }) => recomputed);
  const percent = 100 * shares.reduce((a, b) => a + b, 0) / Math.max(1, shares.length);
  return figure({
    title: "Errors come when a dominant token leaves, and stay for a window",
    subtitle: `float32, σ = ${sigma}, first seed; the guard computes ${
      percent.toFixed(2)
    } % of the rows in full`,
    x: linearAxis("step", "Step"),
    y: logAxis("error", "Largest error of the window"),
    color: colorBy("series", null, Object.values(METHODS), [palette[1], palette[0]]),
    layer: [lines(shown, { x: "step", y: "error", strokeWidth: 1.6 })],
    config: legendAt("bottom"),
  });
}

/** Where the released code goes wrong. */
function released({ residual }: RowTable<Row>): Figure {
  const names = { released: "released cache, index modulo n − 1", ring: "ring of n frames" };
  const [first] = distinct(residual, "seed");
  const shown = residual.filter(({ seed }) => seed === first)
    .map((row) => ({ ...row, series: names[row.cache] }));
  const [window = 2] = distinct(residual, "window");
  return figure({
    title: "The released residual is out of order from step 2(n − 1) on",
    subtitle: `Output of a retroactive layer against the window from scratch, n = ${window}; dashed: step ${
      2 * (window - 1)
    }`,
    height: 240,
    x: linearAxis("step", "Step"),
    y: logAxis("error", "Largest error", { domain: [1e-17, 100] }),
    color: colorBy("series", null, Object.values(names), [palette[1], palette[0]]),
    layer: [theoryRule({ x: 2 * (window - 1) }), lines(shown, { x: "step", y: "error", dots: true })],
    config: legendAt("bottom"),
  });
}

/** Accuracy against the weights that are learned. */
function adapters({ adapter }: RowTable<Row>): Figure {
  const ranks = distinct(adapter, "rank");
  const order = ranks.map(nameOf);
  const shown = adapter.map(({ method, keep, seed, accuracy, learned }) => ({
    method,
    keep,
    seed,
    accuracy,
    learned,
  }));
  return figure({
    title: "A sixteenth of the weights for a few points; below that rank 2 falls",
    subtitle:
      "Digits 5 to 9 from a network for 0 to 4, hidden units pruned to a share; mean and range of seeds",
    x: logAxis("learned", "Learned weights of the hidden layers"),
    y: linearAxis("accuracy", "Accuracy on the test set"),
    color: colorBy("method", null, order),
    layer: [
      meanAndRange(shown, {
        x: "learned",
        y: "accuracy",
        series: "method",
        by: ["keep"],
        as: "bars",
        rows: true,
      }),
    ],
    config: legendAt("bottom"),
  });
}

/** Why a stream lags behind. */
function delay({ signal }: RowTable<Row>): Figure {
  const shown = signal.filter(({ series }) => series !== "input");
  const input = signal.filter(({ series }) => series === "input");
  return figure({
    title: "The stream returns the clip's outputs, as late as they look ahead",
    subtitle: "Two smoothing convolutions of 9 taps with padding 4: a delay of 8 steps; dots: the input",
    height: 240,
    x: linearAxis("step", "Step", { domain: [0, 90] }),
    y: linearAxis("value", "Value"),
    color: colorBy("series", null, SERIES.slice(1), [palette[1], palette[0]]),
    layer: [
      points(input, { x: "step", y: "value", size: 14, color: "#999999" }),
      lines(shown, { x: "step", y: "value" }),
    ],
    config: legendAt("bottom"),
  });
}

export const figures = { key, savings, identity, drift, trace, released, adapters, delay };
