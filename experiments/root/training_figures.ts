/** Figures of the training runs, protocol D. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  figure,
  learningRateFigure,
  legendAt,
  logAxis,
  palette,
} from "../../lib/figures/mod.ts";
import { summarizeBy } from "../../lib/statistics/mod.ts";
import { gridOf, type Method, type Row } from "./rows.ts";

type Rows = RowTable<Row>;

const METHODS: [method: Method, color: string][] = [
  ["Muon", palette[0]],
  ["AdaNewton only", palette[5]],
  ["clip only", palette[7]],
  ["ROOT", palette[2]],
  ["AdamW", palette[1]],
  ["clip before momentum", palette[4]],
];

const settingOf = (probability: number, size: number) =>
  probability === 0 ? "no hits" : `p = ${probability * 100} %, K = ${size}`;

/** Protocol D: final loss by how the gradients are hit. */
export function training({ training }: Rows): Figure {
  const runs = training.filter(({ ratio, loss }) => ratio === 1 && loss !== null)
    .sort((a, b) => a.probability - b.probability || a.size - b.size);
  const values = summarizeBy(runs, ["probability", "size", "method"], "loss")
    .map(({ probability, size, method, mean, min, max }) => ({
      setting: settingOf(probability, size),
      method,
      mean,
      min,
      max,
    }));
  const methods = METHODS.map(([method]) => method);
  return figure({
    title: "ROOT survives rare hits, clipping first also frequent ones",
    subtitle: [
      "MLP on digits; each gradient entry is hit with probability p, by ±K root mean squares",
      "mean and range of seeds; lower is better",
    ],
    height: 300,
    data: { values },
    encoding: {
      x: {
        ...categoryAxis("setting", { order: distinct(values, "setting") }),
        axis: { labelAngle: 0, labelExpr: "split(datum.label, ', ')" },
        scale: { paddingInner: 0.25 },
      },
      xOffset: { field: "method", sort: methods },
      color: colorBy("method", null, methods, METHODS.map(([, color]) => color)),
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2, opacity: 0.5 },
        encoding: { y: logAxis("min", "Training loss at the end"), y2: { field: "max" } },
      },
      { mark: { type: "point", size: 75 }, encoding: { y: { field: "mean", type: "quantitative" } } },
    ],
    config: legendAt("bottom", { columns: 3, symbols: "dot" }),
  });
}

/** Learning rates at one setting; a preset without a grid shows the protocol's rates. */
function ratesAt(probability: number, size: number, title: string) {
  return ({ training }: Rows): Figure => {
    const tried = gridOf(training, probability, size);
    const shown = tried.length > 0
      ? tried
      : training.filter((row) => row.probability === probability && row.size === size);
    const methods = METHODS.filter(([name]) => shown.some(({ method }) => method === name));
    return learningRateFigure(
      shown.map(({ method, learningRate, loss }) => ({
        optimizer: method,
        learningRate,
        loss: loss ?? Infinity,
      })),
      {
        title,
        subtitle: `${settingOf(probability, size)}; ring: best mean over seeds`,
        optimizers: methods.map(([method]) => method),
        colors: methods.map(([, color]) => color),
        loss: "Training loss at the end",
      },
    );
  };
}

export const rates = ratesAt(0.001, 1000, "Rare hits: the same order at every optimizer’s best rate");
export const ratesClean = ratesAt(0, 0, "Without hits: clipping costs nothing");
export const ratesMany = ratesAt(0.01, 100, "Frequent hits: no learning rate saves ROOT");
