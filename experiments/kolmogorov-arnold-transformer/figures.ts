/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
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
  theoryColor,
  theoryLine,
  theoryRule,
} from "../../lib/figures/mod.ts";
import { NETWORKS, VARIANTS } from "./training.ts";
import type { Row, StackInit } from "./rows.ts";

const NETWORK_COLORS = colorBy("network", null, NETWORKS, [palette[0], palette[1]]);

/** The gain, on a function of two variables. */
function training({ training, final }: RowTable<Row>): Figure {
  const steps = training.reduce((last, { step }) => Math.max(last, step), 0);
  return figure({
    title: "Learnable activations fit the function far better, from the same weights",
    subtitle: "Networks 2-32-32-1 on a smooth function; geometric mean and range of seeds, one dot per seed",
    ...panels([
      {
        title: "Training error",
        width: 330,
        x: linearAxis("step", "Step", { domain: [0, steps], tickCount: 6 }),
        y: logAxis("loss", "Mean squared error"),
        color: NETWORK_COLORS,
        layer: [
          meanAndRange(training, { x: "step", y: "loss", series: "network", center: "geometric mean" }),
        ],
      },
      {
        title: "Error on new points",
        width: 170,
        x: categoryAxis("network", { order: NETWORKS }),
        y: logAxis("testRmse", "Root mean squared error"),
        color: NETWORK_COLORS,
        layer: [dotsAndMean(final, { value: "testRmse", category: "network", along: "y" })],
      },
    ]),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/** What is printed: accuracy against size, where our part is the count of parameters. */
const PRINTED = [
  { width: 192, channelMixer: "mlp", accuracy: 72.7 },
  { width: 384, channelMixer: "mlp", accuracy: 78.8 },
  { width: 768, channelMixer: "mlp", accuracy: 79.1 },
  { width: 192, channelMixer: "gr-kan", accuracy: 74.6 },
  { width: 384, channelMixer: "gr-kan", accuracy: 81.2 },
  { width: 768, channelMixer: "gr-kan", accuracy: 82.3 },
] as const;

/** The ImageNet results. */
function imagenet({ size }: RowTable<Row>): Figure {
  const names = { "mlp": "ViT", "gr-kan": "KAT" };
  const shown = PRINTED.map(({ width, channelMixer, accuracy }) => ({
    model: names[channelMixer],
    accuracy,
    millions:
      (size.find((row) => row.width === width && row.channelMixer === channelMixer)?.parameters ?? NaN) /
      1e6,
  }));
  return figure({
    title: "The paper's result: more accurate at every size, for 912 parameters more",
    subtitle: "ImageNet accuracies as printed; parameters as counted here. Not run: 300 epochs on eight GPUs",
    height: 240,
    x: logAxis("millions", "Parameters, in millions", { values: [5, 10, 20, 50, 100] }),
    y: linearAxis("accuracy", "Top-1 accuracy, %", { domain: [70, 84] }),
    color: colorBy("model", null, ["KAT", "ViT"], [palette[0], palette[1]]),
    layer: [
      lines(shown, { strokeWidth: 1, opacity: 0.5 }),
      publishedPoints(shown, { bySeries: true }),
    ],
  });
}

const LAYER_NAMES = { "mlp": "dense", "gr-kan": "group rational", "kan": "B-splines" };

/** The cost of a layer. */
function cost({ cost }: RowTable<Row>): Figure {
  const shown = cost.filter(({ inputs, intervals }) => inputs === 192 && intervals === 3)
    .map(({ layer, parameters, flops }) => ({ layer: LAYER_NAMES[layer], parameters, flops }));
  const order = [LAYER_NAMES.mlp, LAYER_NAMES["gr-kan"], LAYER_NAMES.kan];
  const panel = (field: "parameters" | "flops", title: string, values: number[], labelled: boolean) => ({
    title,
    width: 270,
    x: logAxis(field, "", { domain: [values[0], values[values.length - 1]], values }),
    y: { ...categoryAxis("layer", { order }), ...(labelled ? {} : { axis: null }) },
    color: colorBy("layer", null, order, [palette[1], palette[0], palette[4]]),
    layer: [points(shown, { size: 120, opacity: 1 })],
  });
  return figure({
    title: "A function on every edge costs a hundred times; a shared one 1.4 %",
    subtitle: "One layer, 192 inputs and 768 outputs; B-splines of order 3 on 3 intervals, 8 groups",
    ...panels([
      panel("parameters", "Parameters", [1e5, 1e6, 1e7], true),
      panel("flops", "Operations per input vector", [1e5, 1e6, 1e7, 1e8], false),
    ], { height: 110 }),
    config: { legend: { disable: true } },
  });
}

/** Two denominators under one name. */
function tables({ curve }: RowTable<Row>): Figure {
  const names = { "target": "function", "abs-of-sum": "1 + |Σ b x|", "sum-of-abs": "1 + Σ |b x|" };
  const order = [names.target, names["abs-of-sum"], names["sum-of-abs"]];
  const shown = curve.map(({ preset, series, x, y }) => ({ preset, series: names[series], x, y }));
  const panel = (preset: string, form: string) => ({
    title: `“${preset}”: fitted for ${form}`,
    x: linearAxis("x", "x", { domain: [-4, 4] }),
    y: linearAxis("y", "", { domain: [-1, 4] }),
    color: colorBy("series", null, order, [theoryColor, palette[0], palette[1]]),
    layer: [
      lines(shown.filter((row) => row.preset === preset && row.series !== names.target), { strokeWidth: 2 }),
      theoryLine(shown.filter((row) => row.preset === preset && row.series === names.target), {
        x: "x",
        y: "y",
      }),
    ],
  });
  return figure({
    title: "A published table in the wrong denominator is another function",
    subtitle: "Released coefficients evaluated both ways; dashed: the function after which they are named",
    ...panels([
      panel("gelu", names["abs-of-sum"]),
      panel("relu", names["sum-of-abs"]),
      panel("swish", "both"),
    ], { width: 180, height: 200 }),
    config: legendAt("bottom", { columns: 3 }),
  });
}

/** Errors of the tables and of least squares. */
function fits({ fit }: RowTable<Row>): Figure {
  const shown = fit.filter(({ preset }) => preset !== "identity").flatMap((row) => [
    ...(row.isMeant ? [{ preset: row.preset, what: "published, in its form", error: row.mse }] : []),
    ...(row.isMeant ? [] : [{ preset: row.preset, what: "published, in the other form", error: row.mse }]),
    ...(row.isMeant ? [{ preset: row.preset, what: "our least squares, same form", error: row.refit }] : []),
  ]);
  return figure({
    title: "The right denominator decides; least squares comes closer, but for ReLU",
    subtitle: "Mean squared error on [−3, 3]; where a table works in both forms, both are shown",
    height: 210,
    x: logAxis("error", "Mean squared error"),
    y: categoryAxis("preset", { order: distinct(shown, "preset"), grid: true }),
    color: colorBy("what", null, distinct(shown, "what").toSorted(), [palette[2], palette[0], palette[1]]),
    layer: [points(shown, { size: 75 })],
  });
}

const INITS: readonly StackInit[] = ["variance-preserving", "He", "LeCun", "0.02"];
const INIT_NAMES: Record<StackInit, string> = {
  "variance-preserving": "α/d: variance-preserving",
  "He": "2/d: He",
  "LeCun": "1/d: LeCun",
  "0.02": "0.02²: released code",
};

/** Second moments through a deep stack. */
function depth({ depth }: RowTable<Row>): Figure {
  const names = INITS.map((init) => INIT_NAMES[init]);
  const named = (norm: boolean) =>
    depth.filter((row) => row.norm === norm).map((row) => ({ ...row, series: INIT_NAMES[row.init] }));
  const blocks = depth.reduce((last, { block }) => Math.max(last, block), 0);
  const color = colorBy("series", null, names, [palette[0], palette[2], palette[4], palette[1]]);
  const x = linearAxis("block", "Block", { domain: [0, blocks], values: [0, 6, 12, 18, 24] });
  const panel = (norm: boolean, title: string, domain: [number, number]) => {
    const rows = named(norm).filter(({ moment }) => moment >= domain[0]);
    const predicted = named(norm).filter(({ seed, predicted }: Row<"depth">) =>
      seed === depth[0].seed && predicted >= domain[0]
    );
    return {
      title,
      x,
      y: logAxis("moment", "Mean square of the entries", { domain }),
      color,
      layer: [
        meanAndRange(rows, { x: "block", y: "moment", series: "series", center: "geometric mean" }),
        theoryLine(predicted.map(({ block, predicted, series }) => ({ block, moment: predicted, series })), {
          x: "block",
          y: "moment",
          series: "series",
        }),
      ],
    };
  };
  return figure({
    title: "The gain α keeps the signal alive through 24 blocks",
    subtitle: "Blocks dense–rational–dense, width 64; geometric mean and range of seeds; " +
      "dashed: map of second moments",
    ...panels([
      panel(false, "Without normalization", [1e-14, 1e3]),
      panel(true, "Layer normalization before each block", [1e-4, 10]),
    ]),
    config: legendAt("bottom", { columns: 2 }),
  });
}

/** The map of second moments. */
function map({ map, slope }: RowTable<Row>): Figure {
  const names = ["ReLU", "rational swish", "GELU", "tanh"];
  const shown = map.filter(({ activation }) => names.includes(activation));
  const swish = slope.find(({ activation }) => activation === "rational swish")?.slope ?? NaN;
  return figure({
    title: "Variance is kept as on a ridge: deviations grow, except with ReLU and tanh",
    subtitle: `Growth of the second moment per block; rising at q = 1: unstable. Swish rises by ${
      (swish - 1).toFixed(3)
    }`,
    height: 250,
    x: logAxis("q", "Second moment q before the block"),
    y: logAxis("growth", "Second moment after, over q", { domain: [0.1, 10] }),
    color: colorBy("activation", null, names, [palette[4], palette[0], palette[2], palette[1]]),
    layer: [theoryRule({ y: 1 }), theoryRule({ x: 1 }, { stroke: "dotted" }), lines(shown)],
  });
}

/** What is learned. */
function shapes({ shape }: RowTable<Row>): Figure {
  const panel = (layer: number, title: string) => {
    const own = shape.filter((row) => row.layer === layer);
    const learned = own.filter(({ group }) => group > 0).map((row) => ({
      ...row,
      group: `group ${row.group}`,
    }));
    return {
      title,
      x: linearAxis("x", "x", { domain: [-3, 3] }),
      y: linearAxis("y", layer === 1 ? "F(x)" : ""),
      layer: [
        lines(learned, { each: "group", strokeWidth: 1.8, color: palette[0] }),
        theoryLine(own.filter(({ group }) => group === 0), { x: "x", y: "y" }),
      ],
    };
  };
  return figure({
    title: "Every group has found a function of its own",
    subtitle: "Rationals of the first network after training, one line per group; dashed: their start",
    ...panels([
      panel(1, "Before layer 1"),
      panel(2, "Before layer 2"),
      panel(3, "Before layer 3"),
    ], { width: 180, height: 200 }),
  });
}

/** What is taken away. */
function ablation({ ablation }: RowTable<Row>): Figure {
  return figure({
    title: "The hidden functions do the work: learning them is what helps",
    subtitle: "Variants of the network in a shorter run, one dot per seed",
    height: 230,
    x: logAxis("loss", "Mean squared training error"),
    y: categoryAxis("variant", { order: VARIANTS, grid: true }),
    layer: [points(ablation, { size: 70, color: palette[0] })],
  });
}

/** Digits. */
function digits({ digits }: RowTable<Row>): Figure {
  const shown = digits.map((row) => ({ ...row, percent: 100 * row.accuracy }));
  return figure({
    title: "Digits: a training loss far lower, the same test accuracy",
    subtitle: "Networks 64-64-10 trained on 1,400 images; one dot per seed, 397 test images",
    height: 240,
    x: logAxis("loss", "Training loss"),
    y: linearAxis("percent", "Test accuracy, %", { domain: [95, 100] }),
    color: NETWORK_COLORS,
    layer: [points(shown, { x: "loss", y: "percent", size: 90 })],
  });
}

/** The transformer on digits. */
function transformer({ transformer }: RowTable<Row>): Figure {
  const names = { "rational": "KAT", "gelu": "ViT" };
  const shown = transformer.map(({ activation, loss, accuracy }) => ({
    model: names[activation],
    loss,
    percent: 100 * accuracy,
  }));
  return figure({
    title: "A tiny transformer: the lowest training loss, not the highest accuracy",
    subtitle: "Two blocks of width 32 on 1,400 digits cut into 16 patches; one dot per seed, 397 test images",
    height: 240,
    x: logAxis("loss", "Training loss"),
    y: linearAxis("percent", "Test accuracy, %"),
    color: colorBy("model", null, Object.values(names), [palette[0], palette[1]]),
    layer: [points(shown, { x: "loss", y: "percent", size: 90 })],
  });
}

export const figures = {
  training,
  imagenet,
  cost,
  tables,
  fits,
  depth,
  map,
  shapes,
  ablation,
  digits,
  transformer,
};
