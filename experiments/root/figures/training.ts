import { colorBy, figure, learningRateFigure, logAxis, palette } from "../../../lib/figures/mod.ts";
import { summarizeBy } from "../../../lib/statistics/mod.ts";
import type { Figure } from "../../../lib/experiment/mod.ts";
import { gridOf } from "../claims/training.ts";
import { distinct, type Method, type Row, rowsOf } from "../rows.ts";

const METHODS: [Method, string][] = [
  ["Muon", palette[0]],
  ["AdaNewton only", palette[5]],
  ["clip only", palette[7]],
  ["ROOT", palette[2]],
  ["AdamW", palette[1]],
  ["clip before momentum", palette[4]],
];

const nameOf = (probability: number, size: number) =>
  probability === 0 ? "no hits" : `p = ${probability * 100} %, K = ${size}`;

/** Protocol D: final loss by how the gradients are hit. */
export function training(rows: Row[]): Figure {
  const runs = rowsOf(rows, "training").filter(({ ratio, loss }) => ratio === 1 && loss !== null);
  const values = summarizeBy(runs, ["probability", "size", "method"], "loss").map((group) => ({
    setting: nameOf(group.probability, group.size),
    method: group.method,
    mean: group.mean,
    min: group.min,
    max: group.max,
  }));
  const settings = distinct(
    [...runs].sort((a, b) => a.probability - b.probability || a.size - b.size)
      .map(({ probability, size }) => nameOf(probability, size)),
  );
  const methods = METHODS.map(([method]) => method);
  return figure({
    title: {
      text: "ROOT survives rare hits, clipping first also frequent ones",
      subtitle: [
        "MLP on digits; each gradient entry is hit with probability p, by ±K rms",
        "mean and range of seeds; lower is better",
      ],
    },
    height: 300,
    data: { values },
    encoding: {
      x: {
        field: "setting",
        type: "nominal",
        sort: settings,
        title: null,
        axis: { labelAngle: 0, labelExpr: "split(datum.label, ', ')" },
        scale: { paddingInner: 0.25 },
      },
      xOffset: { field: "method", sort: methods },
      color: {
        ...colorBy("method", null, methods, METHODS.map(([, hue]) => hue)),
        legend: { orient: "bottom", columns: 3, symbolOpacity: 1 },
      },
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2, opacity: 0.5 },
        encoding: { y: logAxis("min", "Training loss at the end"), y2: { field: "max" } },
      },
      { mark: { type: "point", size: 75 }, encoding: { y: { field: "mean", type: "quantitative" } } },
    ],
  });
}

function grid(rows: Row[], probability: number, size: number, title: string): Figure {
  const tried = gridOf(rows, probability, size);
  // A preset without a grid shows the protocol's rates.
  const shownRuns = tried.length > 0
    ? tried
    : rowsOf(rows, "training").filter((row) => row.probability === probability && row.size === size);
  const runs = shownRuns.map(({ method, learningRate, loss }) => ({
    optimizer: method,
    learningRate,
    loss: loss ?? Infinity,
  }));
  const shown = METHODS.filter(([method]) => runs.some(({ optimizer }) => optimizer === method));
  return learningRateFigure(runs, {
    title,
    subtitle: `${nameOf(probability, size)}; ring: best mean over seeds`,
    optimizers: shown.map(([method]) => method),
    colors: shown.map(([, hue]) => hue),
    loss: "Training loss at the end",
  });
}

/** Learning rates with rare huge hits. */
export function rates(rows: Row[]): Figure {
  return grid(rows, 0.001, 1000, "Rare hits: the same order at every optimizer’s best rate");
}

/** Learning rates without hits. */
export function ratesClean(rows: Row[]): Figure {
  return grid(rows, 0, 0, "Without hits: clipping costs nothing");
}

/** Learning rates with frequent hits. */
export function ratesMany(rows: Row[]): Figure {
  return grid(rows, 0.01, 100, "Frequent hits: no learning rate saves ROOT");
}
