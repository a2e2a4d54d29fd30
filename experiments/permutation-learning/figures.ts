/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
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
import { officialAccuracy, officialModels90 } from "./official.ts";
import { finiteCurves, nameOf, NNGP, NTK, type Row } from "./rows.ts";

const KERNELS = [nameOf(NTK), nameOf(NNGP)];
const kernelColor = colorBy("kernel", null, KERNELS);
const isKernel = ({ rate }: { rate: number }) => rate === NTK || rate === NNGP;

/** Figure 1, left: ensemble size at 90 % against the number of bits. */
function ensembleSize({ law }: RowTable<Row>): Figure {
  const laws = law.filter((row) => isKernel(row) && row.k >= 4 && row.k <= 30);
  const needed = laws.map(({ k, rate, models90 }) => ({ k, models: models90, kernel: nameOf(rate) }));
  const ratios = officialModels90.flatMap(({ k, models }) =>
    needed.filter((row) => row.k === k).map((row) => ({ k, ratio: models / row.models, kernel: row.kernel }))
  );
  const x = linearAxis("k", "Number of bits k", { domain: [3, 31] });
  return figure({
    title: "The measured ensembles follow the last layer, not the tangent kernel",
    subtitle:
      "Networks to decode a two-bit input with probability 0.9; hollow: the paper's results; below: over each law",
    ...panels([
      {
        x,
        y: logAxis("models", "Networks", { domain: [8, 20000] }),
        color: kernelColor,
        layer: [
          lines(needed),
          theoryLine(
            laws.filter(({ rate }) => rate === NTK).map(({ k, bound }) => ({ k, models: bound })),
            { x: "k", y: "models", stroke: "dotted" },
          ),
          publishedPoints(officialModels90, { size: 45 }),
          annotation("the paper's bound", { x: 14, y: 7500, side: "above" }),
        ],
      },
      {
        x,
        y: logAxis("ratio", "Measured / law", { values: [0.1, 0.3, 1, 3] }),
        color: kernelColor,
        layer: [theoryRule({ y: 1 }), points(ratios, { size: 30 })],
      },
    ], { columns: 1, width: 540, height: [270, 100] }),
    config: legendAt("bottom"),
  });
}

/** Figure 1, right: accuracy against ensemble size, with the residual of the simulation. */
function accuracy({ process, curve }: RowTable<Row>): Figure {
  const drawn = process.filter(({ rate }) => rate === NNGP);
  const sizes = distinct(drawn, "k").sort((a, b) => a - b);
  const named = <T extends { k: number }>(rows: readonly T[]) =>
    rows.filter(({ k }) => sizes.includes(k)).map((row) => ({ ...row, bits: `k = ${row.k}` }));
  const laws = curve.filter(({ rate }) => rate === NNGP);
  const law = (k: number, models: number) =>
    laws.find((row) => row.k === k && row.models === models)?.accuracy ?? NaN;
  const residuals = named(drawn).map(({ models, bits, k, accuracy }) => ({
    models,
    bits,
    difference: accuracy - law(k, models),
  }));
  const x = logAxis("models", "Networks in the ensemble", { domain: [1, 1000] });
  // From light to dark: more bits, more networks.
  const shades = ["#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"].slice(-sizes.length);
  const color = colorBy("bits", null, sizes.map((k) => `k = ${k}`), shades);
  return figure({
    title: "The whole accuracy curve is known in closed form",
    subtitle:
      "Last layer trained: mean and spread of simulated ensembles; dashed: law; hollow: the paper's results",
    ...panels([
      {
        x,
        y: linearAxis("accuracy", "Two-bit inputs decoded", { domain: [0, 1] }),
        color,
        layer: [
          meanAndRange(named(drawn), { x: "models", y: "accuracy", series: "bits", spread: "sd" }),
          theoryLine(named(laws), { x: "models", y: "accuracy", series: "bits" }),
          publishedPoints(named(officialAccuracy), { bySeries: true }),
        ],
      },
      {
        x,
        y: linearAxis("difference", "Minus law", { domain: [-0.3, 0.3], tickCount: 3 }),
        color,
        layer: [
          meanAndRange(residuals, { x: "models", y: "difference", series: "bits", spread: "sd" }),
          theoryRule({ y: 0 }),
        ],
      },
    ], { columns: 1, width: 540, height: [270, 90] }),
    config: legendAt("bottom"),
  });
}

/** Accuracy of ensembles of trained networks against both laws. */
function trained({ finite, curve }: RowTable<Row>): Figure {
  const shown = finiteCurves(finite).map((row) => ({ ...row, kernel: nameOf(row.rate) }));
  const laws = curve.filter(({ models }) => models <= 310).map((row) => ({
    ...row,
    kernel: nameOf(row.rate),
  }));
  return figure({
    title: "Networks of finite width, really trained, do what the law says",
    subtitle:
      "Share of two-bit inputs decoded as networks are added, one line per ensemble; dashed: law of the limit",
    ...panels(
      distinct(shown, "k").sort((a, b) => a - b).map((k) => ({
        title: `k = ${k}`,
        x: linearAxis("models", "Networks", { domain: [0, 310] }),
        y: linearAxis("accuracy", "Accuracy", { domain: [0, 1] }),
        color: kernelColor,
        layer: [
          lines(shown.filter((row) => row.k === k), { each: "repetition", strokeWidth: 1.3 }),
          theoryLine(laws.filter((row) => row.k === k), { x: "models", y: "accuracy", series: "kernel" }),
        ],
      })),
    ),
    config: legendAt("bottom"),
  });
}

/** Why the paper's code needs fewer networks than its theory: the first layer hardly learns. */
function firstLayer({ law }: RowTable<Row>): Figure {
  const slide = law.filter(({ k }) => k === 10).toSorted((a, b) => a.rate - b.rate);
  const official = officialModels90.find(({ k }) => k === 10)!.models;
  return figure({
    title: "The less the first layer learns, the fewer networks are needed",
    subtitle:
      "Networks for 90 % at k = 10 against the first layer's learning rate, relative to the last layer's",
    x: linearAxis("rate", "Relative learning rate of the first layer"),
    y: linearAxis("models90", "Networks", { domain: [0, 350] }),
    layer: [
      lines(slide, { dots: true, color: palette[0] }),
      theoryRule({ y: official }),
      annotation(`official code: ${official} networks`, { x: 0.8, y: official, side: "below" }),
    ],
  });
}

/** Why two-bit inputs are hardest: their zero bits have the smallest mean, far below one network's noise. */
function weight({ weight }: RowTable<Row>): Figure {
  const parts = [
    "mean of a bit that is 1",
    "minus mean of a bit that is 0",
    "standard deviation of one network",
  ];
  const sizes = weight.filter(({ rate }) => rate === NTK).flatMap(({ ones, meanOne, meanZero, sd }) =>
    [meanOne, -meanZero, sd].map((value, i) => ({ ones, value, part: parts[i] }))
  ).filter(({ ones, part }) => ones < 20 || part !== parts[1]);
  const x = linearAxis("ones", "Ones in the input", { domain: [1, 21] });
  return figure({
    title: "Two-bit inputs are the hardest: their zeros are barely negative",
    subtitle: "k = 20. Left: margins against noise (NTK). Right: networks needed for 90 %",
    ...panels([
      {
        x,
        y: logAxis("value", "Size"),
        color: colorBy("part", null, parts, palette.slice(2)),
        layer: [lines(sizes, { dots: true })],
      },
      {
        x,
        y: logAxis("models90", "Networks"),
        color: kernelColor,
        layer: [lines(weight.map((row) => ({ ...row, kernel: nameOf(row.rate) })), { dots: true })],
      },
    ], { colors: "independent" }),
    config: legendAt("bottom", { columns: 1 }),
  });
}

/** Growth with the number of bits: linearithmic for one input, below quadratic for all. */
function growth({ law }: RowTable<Row>): Figure {
  const laws = law.filter((row) => isKernel(row) && row.k >= 5);
  const panel = (title: string, name: string, value: (row: typeof laws[number]) => number) => ({
    title,
    x: logAxis("k", "Number of bits k"),
    y: logAxis("value", name),
    color: kernelColor,
    layer: [
      lines(laws.map((row) => ({ k: row.k, kernel: nameOf(row.rate), value: value(row) })), { dots: true }),
    ],
  });
  return figure({
    title: "k log k networks for one input; the k² for all inputs is only a bound",
    subtitle:
      "Exact requirements at 90 % (all inputs: union bound over all weights), divided by the claimed growth",
    ...panels([
      panel("one input", "Networks / (k ln k)", ({ k, models90 }) => models90 / (k * Math.log(k))),
      panel("all inputs", "Networks / k²", ({ k, all90 }) => all90 / k ** 2),
    ]),
    config: legendAt("bottom"),
  });
}

export const figures = { ensembleSize, firstLayer, accuracy, trained, weight, growth };
