/** Figures of the training runs, protocols C and D. */
import { distinct, type Figure, groupsOf, mean, type RowTable } from "../../lib/experiment/mod.ts";
import {
  categoryAxis,
  colorBy,
  dotsAndMean,
  figure,
  learningRateFigure,
  linearAxis,
  logAxis,
  palette,
  panels,
  rankBy,
} from "../../lib/figures/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import { ADAM_METHODS, type Method, MUON_METHODS } from "./methods.ts";
import { COLUMNS, type Row } from "./rows.ts";

type Rows = RowTable<Row>;

const [MUON, ADAM, DCT, , ORANGE, SKY, WINE] = palette;
const SUFFIX = ", no feedback";
/** By what the vectors are. */
function colorOf(method: string): string {
  const starts = { "Adam": ADAM, "SVD": ORANGE, "random basis": SKY };
  return Object.entries(starts).find(([start]) => method.startsWith(start))?.[1] ?? DCT;
}

/** Runs of some methods; the loss of one that diverged is infinite. */
function runsOf(training: Rows["training"], methods: object): (Row<"training"> & { loss: number })[] {
  return training.filter(({ optimizer }) => optimizer in methods)
    .map((row) => ({ ...row, loss: row.loss ?? Infinity }));
}

/** Every method of Adam's family at its best rate. */
export function training({ training }: Rows): Figure {
  const runs = runsOf(training, ADAM_METHODS);
  const tuned = (runs.length === 0 ? [] : tuneLearningRates(runs)).map((entry) => ({
    ...entry,
    method: entry.optimizer.replace(SUFFIX, ""),
    hasFeedback: !entry.optimizer.endsWith(SUFFIX),
  }));
  const methods = distinct(tuned, "method");
  const panel = (title: string, hasFeedback: boolean) => {
    const own = rankBy(tuned.filter((entry) => entry.hasFeedback === hasFeedback), ({ mean }) => mean);
    const losses = own.flatMap(({ method, losses }) => losses.map((loss) => ({ method, loss })));
    return {
      title,
      height: 26 * Math.max(1, own.length),
      x: logAxis("loss", "Training loss after the last step, at the best rate", { domain: [5e-4, 0.35] }),
      y: categoryAxis("method", { order: own.map(({ method }) => method), grid: true }),
      color: { ...colorBy("method", null, methods, methods.map(colorOf)), legend: null },
      layer: [dotsAndMean(losses, { value: "loss", category: "method" })],
    };
  };
  return figure({
    title: "Ranked cosines beat singular vectors; random ones beat both",
    subtitle:
      "Digits network, rank 8 of 64, each at its best learning rate of one grid; bar: mean, dot: a seed",
    ...panels([
      panel("Full rank, and with error feedback", true),
      panel("Without error feedback", false),
    ], { columns: 1, width: 390 }),
  });
}

/** Which columns are used, with and without feedback, and how many are new. */
export function usage({ usage }: Rows): Figure {
  const names: Partial<Record<Method, string>> = { "DCT": "With feedback", "DCT, no feedback": "Without" };
  return figure({
    title: "With feedback, what was left out piles up until chosen",
    subtitle: "Digits network, second matrix, 8 of 64 cosines, rate 0.12",
    ...panels(
      groupsOf(usage, "optimizer").map(({ value, rows }) => ({
        title: `${names[value]}: ${
          (8 * mean(rows.slice(1).map(({ turnover }) => turnover))).toFixed(1)
        } of 8 new at a step`,
        data: { values: rows.flatMap(({ step, indices }) => indices.map((index) => ({ step, index }))) },
        mark: { type: "rect", color: DCT, width: 1.8, height: 3.6 },
        encoding: {
          x: linearAxis("step", "Step", { domain: [0, rows.length], grid: false }),
          y: linearAxis("index", "Index of the cosine", { domain: [-1, COLUMNS], grid: false }),
        },
      })),
    ),
  });
}

/** The grid of Adam's family, for six of the methods. */
export function rates({ training }: Rows): Figure {
  const colors: Partial<Record<Method, string>> = {
    "Adam, full rank": ADAM,
    "DCT": DCT,
    "SVD": ORANGE,
    "random basis": SKY,
    "DCT, random columns": MUON,
    "DCT, corrected by age": WINE,
  };
  return learningRateFigure(runsOf(training, colors), {
    title: "One grid of learning rates for all; no best rate at an edge",
    subtitle: "Digits network, rank 8; ring: best mean",
    optimizers: Object.keys(colors),
    colors: Object.values(colors),
    loss: "Training loss after the last step",
    domain: [5e-4, 3],
  });
}

/** Trion against Dion against Muon. */
export function orthogonal({ training }: Rows): Figure {
  return learningRateFigure(runsOf(training, MUON_METHODS), {
    title: "Dion is ahead here: the paper's order is not reproduced",
    subtitle: "Digits network; Trion's 8 cosines miss most of the momentum",
    optimizers: ["Muon, full rank", "Dion, rank 16", "Trion, rank 16", "Dion, rank 8", "Trion, rank 8"],
    colors: [MUON, ORANGE, DCT, "#e8bd6d", "#74c7ab"],
    loss: "Training loss after the last step",
  });
}
